"""``make simulate SEEDS=10000``: many histories, with a progress bar; prints the seeds that broke an invariant, and which."""

import argparse
import logging
import os
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor

import structlog
from rich.progress import track

from tests.simulation.world import run_seed

AT_ONCE = 25


def tried(seeds: range) -> list[tuple[int, str]]:
    """The seeds that failed, each with how."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    failed: list[tuple[int, str]] = []
    for seed in seeds:
        try:
            run_seed(seed)
        except Exception as error:  # whatever it is, the history that leads to it is worth knowing
            failed.append((seed, f"{type(error).__name__}: {error}"))
    return failed


def main() -> int:
    options = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    options.add_argument("seeds", type=int, nargs="?", default=10_000, help="how many histories")
    options.add_argument("--first", type=int, default=0, help="the first seed")
    chosen = options.parse_args()
    parts = [
        range(start, min(start + AT_ONCE, chosen.first + chosen.seeds))
        for start in range(chosen.first, chosen.first + chosen.seeds, AT_ONCE)
    ]
    failed: defaultdict[str, list[int]] = defaultdict(list)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for found in track(pool.map(tried, parts), f"{chosen.seeds} histories", total=len(parts)):
            for seed, how in found:
                failed[how].append(seed)
    for how, seeds in failed.items():
        print(f"{how}\n  seeds {', '.join(map(str, seeds[:10]))}")
    if not failed:
        print(f"{chosen.seeds} histories, every invariant held (seeds {chosen.first} to {parts[-1][-1]}).")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
