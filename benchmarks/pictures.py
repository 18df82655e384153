"""Draws what was measured, in a light and calm style that reads on a README page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np

mpl.use("svg")
import matplotlib.pyplot as plt

INK: Final = "#1b1b1f"
ACCENT: Final = "#c8321f"
CALM: Final = "#7a8ca3"

WITHIN: Final = {"intent": ("embed",), "gather": ("find", "embed", "search", "services", "orders")}
"""Stages that run inside another one: drawn lighter, below it."""
ORDER: Final = ("intent", "embed", "gather", "find", "search", "services", "orders", "write", "review")
SEQUENTIAL: Final = ("intent", "gather", "write", "review")


def waterfall(medians_ms: dict[str, float], file: Path) -> None:
    """The median milliseconds of each stage; what runs inside another stage starts where that one does."""
    stages = [stage for stage in ORDER if stage in medians_ms]
    starts: dict[str, float] = {}
    at = 0.0
    for stage in SEQUENTIAL:
        starts[stage] = at
        at += medians_ms.get(stage, 0.0)
    for outer, inner in WITHIN.items():
        for stage in inner:
            starts.setdefault(stage, starts[outer])
    figure, axes = plt.subplots(figsize=(8, 0.42 * len(stages) + 1.1))
    for row, stage in enumerate(stages):
        took = medians_ms[stage]
        axes.barh(row, took, left=starts[stage], color=ACCENT if stage in SEQUENTIAL else CALM, height=0.62)
        axes.text(starts[stage] + took, row, f"  {took:.2f} ms", va="center", fontsize=9, color=INK)
    axes.set_yticks(range(len(stages)), stages)
    axes.invert_yaxis()
    axes.set_xlabel("milliseconds since the message, medians over ten intents")
    axes.set_title("Where the time of a turn goes", loc="left", color=INK)
    axes.margins(x=0.18)
    _finish(figure, axes, file)


def first_tokens(milliseconds: list[float], file: Path) -> None:
    """The distribution of first tokens, with the bars that they are held against."""
    figure, axes = plt.subplots(figsize=(8, 2.6))
    axes.hist(np.clip(milliseconds, 0, 60), bins=np.arange(0, 61, 1), color=CALM)
    p50, p99 = np.percentile(milliseconds, (50, 99))
    for value, words, style in ((p50, f"p50 {p50:.1f} ms", "-"), (p99, f"p99 {p99:.1f} ms", "-")):
        axes.axvline(value, color=ACCENT, linestyle=style)
        axes.text(value, axes.get_ylim()[1] * 0.92, f" {words}", color=ACCENT, fontsize=9)
    for bar in (15, 50):
        axes.axvline(bar, color=INK, linestyle=":", linewidth=1)
    axes.set_xlabel("first token at the client, milliseconds (dotted: the bars for p50 and p99)")
    axes.set_yticks([])
    axes.set_title("First token, five shoppers at once", loc="left", color=INK)
    _finish(figure, axes, file)


def scaling(loads: Sequence[float], slowest_ms: Mapping[str, Sequence[float]], file: Path) -> None:
    """The 99th percentile of a turn over how full processes are, for each way to give them turns."""
    figure, axes = plt.subplots(figsize=(8, 3.4))
    shown = {"weight 1": (CALM, "--"), "weight 100": (ACCENT, "-"), "whoever is free": (INK, ":")}
    for name, (colour, style) in shown.items():
        label = name if name == "whoever is free" else f"by session, {name}"
        axes.plot([load * 100 for load in loads], slowest_ms[name], color=colour, linestyle=style, label=label)
    axes.axvline(50, color=CALM, linewidth=0.8)
    axes.set_ylim(0, 400)
    axes.set_xlabel("how full the processes are on average, percent (line: where another one begins)")
    axes.set_ylabel("p99 of a turn, ms")
    axes.set_title("A hundred processes behind a balancer, simulated", loc="left", color=INK)
    axes.legend(frameon=False, fontsize=9)
    _finish(figure, axes, file)


def _finish(figure: plt.Figure, axes: plt.Axes, file: Path) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(left=False, labelsize=9, colors=INK)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
