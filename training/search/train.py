"""Trains the two layers that search goes through, so that whoever asks for the same answer is near to it (M-3, K-2).

The encoder stays as it is up to its fourth layer. Texts of one group are drawn together against all others of a batch, answers
of the same page among them (InfoNCE, both ways); books and messages about them are held where they are, and what calls for care
stays told apart. PyTorch 2.13 beside the project:

    python training/search/train.py PUBLIC.jsonl MODEL OUT.npz [--held] [--begun FILE.npz --steps N]
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from encoded import HEADS, HIDDEN, OWN_LAYERS, SHARED_LAYERS, Read, encoder_weights
from scores import show
from texts import WHOLE_PAGE, Group, Text, texts
from torch import Tensor, nn
from torch.nn import functional

from mangaassist.models import encoder_graph
from mangaassist.understanding.care_head import CARES

STEPS, PAIRS, ANSWERS_OF_A_PAGE, RATE, DECAY, DROPOUT = 560, 104, 6, 3e-4, 0.01, 0.1
SHARP = 20.0
"""What cosines are multiplied with before they are compared."""
TOKENS, TOKENS_OF_BOOKS = 48, 64
LABELLED_EVERY, LABELS = 7, 27
"""One step in seven is of public messages, two pairs of each of so many labels."""
CARE, OF_EACH_CARE = 0.5, 8
"""What it counts that a line through the vectors tells what calls for care, and how many messages of each kind are looked at."""
KEPT, BOOKS, MESSAGES = 6.0, 6, 20
"""What it counts that books and messages of a batch stay where they were, and how many are looked at."""
SAYS_THE_SAME, SAME_ANSWER = 0.72, 0.8
"""By the encoder's own vectors: a sentence that says what an answer says, and two answers that are none against each other."""
ASKED, MET = ("ask", "ask", "told", "told", "fragment", "joined"), ("ask", "ask", "told", "says", "says", "sentence")
ASKED_OF_PAGE, MET_OF_PAGE = ("ask", "title"), ("ask", "title", "body")
LOUD = 5.0
SHOWN_EVERY = 100
PARTS = (
    *("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"),
    *("attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"),
)


class Layer(nn.Module):
    """One transformer layer, begun as the encoder's own."""

    def __init__(self, weights: dict[str, np.ndarray], place: int) -> None:
        super().__init__()
        self.parts = nn.ParameterDict(
            {
                f"{part}.{kind}".replace(".", "_"): torch.tensor(weights[f"encoder.layer.{place}.{part}.{kind}"])
                for part in PARTS
                for kind in ("weight", "bias")
            }
        )

    def of(self, part: str) -> tuple[Tensor, Tensor]:
        name = part.replace(".", "_")
        return self.parts[f"{name}_weight"], self.parts[f"{name}_bias"]

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        rows, tokens, _ = states.shape
        heads = [
            functional.linear(states, *self.of(part)).view(rows, tokens, HEADS, -1).transpose(1, 2)
            for part in PARTS[:3]
        ]
        rate = DROPOUT if self.training else 0.0
        seen = functional.scaled_dot_product_attention(*heads, attn_mask=mask[:, None, None, :].bool(), dropout_p=rate)
        mixed = functional.linear(seen.transpose(1, 2).reshape(rows, tokens, HIDDEN), *self.of(PARTS[3]))
        states = self.normal(states + functional.dropout(mixed, rate), PARTS[4])
        inner = functional.linear(functional.gelu(functional.linear(states, *self.of(PARTS[5]))), *self.of(PARTS[6]))
        return self.normal(states + functional.dropout(inner, rate), PARTS[7])

    def normal(self, states: Tensor, part: str) -> Tensor:
        return functional.layer_norm(states, (HIDDEN,), *self.of(part), 1e-12)


class Search(nn.Module):
    """The layers on their states, and the mean of what comes out, of length 1."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(weights, SHARED_LAYERS + place) for place in range(OWN_LAYERS))
        self.cares = nn.Linear(HIDDEN, len(CARES))
        """Goes when the training ends."""

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        for layer in self.layers:
            states = layer(states, mask)
        return functional.normalize((states * mask[..., None]).sum(1), dim=-1)

    def of(self, read: Read, rows: Sequence[int], most: int = TOKENS) -> Tensor:
        """The vectors of some texts in their order; short and long ones go by themselves, so that little is padding."""
        by_length = sorted(range(len(rows)), key=lambda row: len(read.states[rows[row]]))
        halves = (by_length[: len(rows) // 2], by_length[len(rows) // 2 :])
        parts = [self(*map(torch.tensor, read.padded([rows[row] for row in half], most))) for half in halves if half]
        return torch.cat(parts)[torch.tensor(np.argsort(by_length))]

    def vectors(self, read: Read) -> np.ndarray:
        self.eval()
        with torch.no_grad():
            rows = list(range(len(read.states)))
            return np.concatenate([self.of(read, rows[start : start + 256], 96).numpy() for start in rows[::256]])


class Batches:
    """Pairs that belong together, as rows of ``read``, and which of the others of a batch are none against them."""

    def __init__(self, read: Read, *, held: bool) -> None:
        self.groups: dict[Group, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self.labels: dict[Group, list[int]] = defaultdict(list)
        self.cares: dict[str, list[int]] = defaultdict(list)
        self.books, self.messages, sentences = list[int](), list[int](), list[int]()
        for row, one in enumerate(read.texts):
            if one.is_left_out or (held and one.is_of_held_page):
                continue
            self._place(row, one, sentences)
        said = {group: read.vectors[by_kind["says"][0]] for group, by_kind in self.groups.items() if by_kind["says"]}
        names, vectors = list(said), np.stack(list(said.values()))
        for name, near in zip(names, vectors @ read.vectors[sentences].T, strict=True):
            self.groups[name]["sentence"] = [sentences[place] for place in np.flatnonzero(near > SAYS_THE_SAME)]
        alike = vectors @ vectors.T > SAME_ANSWER
        self.alike = {
            name: {names[place] for place in np.flatnonzero(row)} for name, row in zip(names, alike, strict=True)
        }
        self.pages: dict[str, list[Group]] = defaultdict(list)
        for group in self.groups:
            self.pages[group[0]].append(group)
        self.waiting: list[str] = []

    def _place(self, row: int, one: Text, sentences: list[int]) -> None:
        match one.kind:
            case "labelled":
                self.labels[one.group].append(row)
            case "care":
                self.cares[str(one.group[1])].append(row)
            case "book":
                self.books.append(row)
            case "message":
                self.messages.append(row)
            case "sentence":
                sentences.append(row)
            case _:
                self.groups[one.group][one.kind].append(row)

    def of_labels(self) -> tuple[list[int], list[int], np.ndarray]:
        labels = [one for one in random.sample(list(self.labels), min(LABELS, len(self.labels))) for _ in range(2)]
        pairs = [random.sample(self.labels[label], 2) for label in labels]
        same = np.array([[one == other for other in labels] for one in labels])
        return [one for one, _ in pairs], [other for _, other in pairs], same

    def of_pages(self) -> tuple[list[int], list[int], np.ndarray]:
        """A few answers each of page after page."""
        asked, met, groups = list[int](), list[int](), list[Group]()
        while len(asked) < PAIRS:
            self.waiting = self.waiting or random.sample(list(self.pages), len(self.pages))
            own = self.pages[self.waiting.pop()]
            for group in random.sample(own, min(ANSWERS_OF_A_PAGE, len(own))):
                kinds = (ASKED_OF_PAGE, MET_OF_PAGE) if group[1] == WHOLE_PAGE else (ASKED, MET)
                one, other = (self._any(group, some) for some in kinds)
                if one is not None and other is not None and one != other:
                    asked, met, groups = [*asked, one], [*met, other], [*groups, group]
        same = np.array([[a == b or b in self.alike.get(a, ()) for b in groups] for a in groups])
        return asked, met, same

    def _any(self, group: Group, kinds: Sequence[str]) -> int | None:
        there = [kind for kind in kinds if self.groups[group].get(kind)]
        return random.choice(self.groups[group][random.choice(there)]) if there else None


def trained(read: Read, weights: dict[str, np.ndarray], *, held: bool, steps: int = STEPS) -> Search:
    random.seed(0)
    torch.manual_seed(0)
    layers, batches = Search(weights), Batches(read, held=held)
    optimizer = torch.optim.AdamW(layers.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    for step in range(1, steps + 1):
        layers.train()
        drawn = contrast(layers, read, *(batches.of_pages() if step % LABELLED_EVERY else batches.of_labels()))
        away = moved(layers, read, random.sample(batches.books, BOOKS), random.sample(batches.messages, MESSAGES))
        cares = told_apart(layers, read, {care: random.sample(batches.cares[care], OF_EACH_CARE) for care in CARES})
        optimizer.zero_grad()
        (drawn + KEPT * away + CARE * cares).backward()
        optimizer.step()
        schedule.step()
        if step % SHOWN_EVERY == 0:
            print(f"step {step} of {steps}: {drawn.item():.3f}, kept to {1 - away.item():.3f}", flush=True)
    return layers


def contrast(layers: Search, read: Read, asked: list[int], met: list[int], same: np.ndarray) -> Tensor:
    near = layers.of(read, asked) @ layers.of(read, met).T * SHARP
    near = near.masked_fill(torch.tensor(same & ~np.eye(len(asked), dtype=bool)), -1e4)
    right = torch.arange(len(asked))
    return (functional.cross_entropy(near, right) + functional.cross_entropy(near.T, right)) / 2


def moved(layers: Search, read: Read, books: list[int], messages: list[int]) -> Tensor:
    """One less the cosine to where they were, on average."""
    now = torch.cat([layers.of(read, books, TOKENS_OF_BOOKS), layers.of(read, messages)])
    return 1 - (now * torch.tensor(read.vectors[[*books, *messages]])).sum(1).mean()


def told_apart(layers: Search, read: Read, rows: dict[str, list[int]]) -> Tensor:
    scores = layers.cares(layers.of(read, [row for some in rows.values() for row in some]) * LOUD)
    right = torch.tensor([CARES.index(care) for care, some in rows.items() for _ in some])
    return functional.cross_entropy(scores, right)


def keep(layers: Search, out: Path) -> None:
    """As int8 columns with their scales, the rest as it is."""
    arrays: dict[str, np.ndarray] = {}
    for place, layer in enumerate(layers.layers):
        for part in PARTS:
            for kind, value in zip(("weight", "bias"), layer.of(part), strict=True):
                name, kept = f"encoder.layer.{place}.{part}.{kind}", value.detach().numpy().astype(np.float32)
                if kept.ndim == 2:
                    arrays[f"{name}.int8"], arrays[f"{name}.scale"] = encoder_graph.quantised(kept, axis=1)
                else:
                    arrays[name] = kept
    np.savez_compressed(out, **arrays)


def begun(model: Path, kept: Path | None) -> dict[str, np.ndarray]:
    if kept is None:
        return encoder_weights(model)
    with np.load(kept) as arrays:
        return encoder_graph.moved(encoder_graph.restored(dict(arrays)), SHARED_LAYERS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("public", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--begun", type=Path, help="go on from these layers instead of the packaged ones")
    parser.add_argument("--held", action="store_true", help="without the pages of gifts, privacy and orders")
    given = parser.parse_args()
    read = Read(texts(given.public), given.model)
    show("as packaged", read, read.vectors)
    layers = trained(read, begun(given.model, given.begun), held=given.held, steps=given.steps)
    show("trained", read, layers.vectors(read))
    keep(layers, given.out)


if __name__ == "__main__":
    main()
