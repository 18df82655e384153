"""Trains the head that says which of the pages' answers a message asks for, on what ``gather.py`` kept.

python training/asked/train.py SEEN.pkl [--hands] [--keep]
"""

import argparse
import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from conversations import NOWHERE, Seen
from torch.nn.functional import log_softmax

from mangaassist.knowledge.asked_answers import MOST, NUMBERS
from mangaassist.turn.asked_answer import DOUBTED, HEARD, OF_PAGES
from mangaassist.turn.asked_head import AskedHead

SUMMARY, HIDDEN, EPOCHS, BATCH, RATE, DECAY, DROPOUT = 24, 64, 14, 128, 4e-3, 0.02, 0.25
SEEN_OFTEN = 5
"""A sign that fewer messages have teaches nothing."""
SEEDS = 1
PAGES_ALONE = 5
"""One message in so many is shown a second time as a store has it whose pages have no answers of their own."""
NO = -1e9
UNTOLD = 0.3
"""So often a message is shown without what the reading of dialogues says of it: the weights of that have seen some of these."""
LIKELY_OF = "likely of "
NUMBER = {name: place for place, name in enumerate(NUMBERS)}
WEIGHTS = Path(__file__).parents[2] / "src" / "mangaassist" / "turn" / "weights" / "asked.npz"


class Rows:
    """``numbers`` float32 [messages, MOST, numbers], padded; ``there`` those that are answers; ``said`` float32 [messages, signs];
    ``gold`` [messages, 1 + MOST]: that none is asked for, and which of them are right."""

    def __init__(self, seen: list[Seen], names: list[str] | None = None) -> None:
        self.seen = seen
        often = Counter(name for one in seen for name, weight in one.signs if weight)
        self.names = names or sorted(name for name, count in often.items() if count >= SEEN_OFTEN)
        places = {name: place for place, name in enumerate(self.names)}
        width = seen[0].numbers.shape[1]
        self.numbers = np.zeros((len(seen), MOST, width), np.float32)
        self.there = np.zeros((len(seen), MOST), bool)
        self.said = np.zeros((len(seen), len(self.names)), np.float32)
        self.gold = np.zeros((len(seen), 1 + MOST), np.float32)
        for row, one in enumerate(seen):
            count = len(one.numbers)
            self.numbers[row, :count], self.there[row, :count] = one.numbers, True
            for name, weight in one.signs:
                if name in places:
                    self.said[row, places[name]] = weight
            self.gold[row, 0] = not is_asked(one)
            self.gold[row, 1 : 1 + count] = [chunk in one.turn.answers for chunk in one.chunks]


def by_pages_alone(one: Seen) -> Seen:
    """The same message in a store whose pages have no answers of their own: the page of the right answer is right."""
    kept = [place for place, chunk in enumerate(one.chunks) if "=" not in chunk]
    numbers = one.numbers[kept]
    numbers[:, NUMBER["place"]] = 1 / (1 + np.arange(len(kept)))
    numbers[:, NUMBER["answered"]] = 0
    for name in ("both", "own", "joined"):
        column = numbers[:, NUMBER[name]]
        numbers[:, NUMBER[f"behind_{name}"]] = column - column.max(initial=NO)
    right = tuple(chunk.partition("=")[0] for chunk in one.turn.answers)
    return one._replace(
        turn=one.turn._replace(answers=right), chunks=tuple(one.chunks[place] for place in kept), numbers=numbers
    )


def is_asked(one: Seen) -> bool:
    return bool(one.turn.answers) and one.turn.answers != (NOWHERE,)


class Network(torch.nn.Module):
    def __init__(self, numbers: int, signs: int) -> None:
        super().__init__()
        self.dropped = torch.nn.Dropout(DROPOUT)
        self.summary = torch.nn.Linear(signs, SUMMARY)
        self.linear = torch.nn.Linear(numbers, 1, bias=False)
        self.inner = torch.nn.Linear(numbers + SUMMARY, HIDDEN)
        self.outer = torch.nn.Linear(HIDDEN, 1, bias=False)
        self.none_inner = torch.nn.Linear(signs + 2 * numbers, HIDDEN)
        self.none_outer = torch.nn.Linear(HIDDEN, 1)

    def forward(self, numbers: torch.Tensor, there: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
        summary = torch.relu(self.summary(self.dropped(said)))
        both = torch.cat([numbers, summary[:, None].expand(-1, numbers.shape[1], -1)], 2)
        scores = self.linear(numbers) + self.outer(self.dropped(torch.relu(self.inner(both))))
        best = numbers.masked_fill(~there[..., None], NO).max(1).values
        whole = torch.cat([said, best, numbers[:, 0]], 1)
        none = self.none_outer(self.dropped(torch.relu(self.none_inner(self.dropped(whole)))))
        return torch.cat([none, scores.squeeze(2).masked_fill(~there, NO)], 1)


class Trained:
    def __init__(self, rows: Rows, of: np.ndarray, seed: int = 0) -> None:
        """On what is ``of``; an answer that was not found cannot be learnt from."""
        torch.manual_seed(seed)
        of = of & (rows.gold.sum(1) > 0)
        flat = rows.numbers[of][rows.there[of]]
        self.names, self.mean, self.spread = rows.names, flat.mean(0), flat.std(0) + 1e-3
        numbers, there, said = self.tensors(rows, of)
        gold = torch.tensor(rows.gold[of])
        network = Network(numbers.shape[2], said.shape[1])
        steps = EPOCHS * (len(gold) // BATCH)
        optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
        of_dialogue = torch.tensor([name.startswith(LIKELY_OF) for name in rows.names])
        nobody = rows.names.index("nobody says how likely")
        for _ in range(EPOCHS):
            order = torch.randperm(len(gold))
            for start in range(0, len(order) - BATCH + 1, BATCH):
                batch = order[start : start + BATCH]
                shown, untold = said[batch].clone(), torch.rand(len(batch)) < UNTOLD
                shown[untold[:, None] & of_dialogue] = 0
                shown[untold, nobody] = 1
                chances = log_softmax(network(numbers[batch], there[batch], shown), 1)
                loss = -torch.logsumexp(chances.masked_fill(gold[batch] == 0, NO), 1).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
        self.network = network.eval()

    def tensors(self, rows: Rows, of: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        numbers = (rows.numbers[of] - self.mean) / self.spread * rows.there[of][..., None]
        return torch.tensor(numbers.astype(np.float32)), torch.tensor(rows.there[of]), torch.tensor(rows.said[of])

    def arrays(self) -> dict[str, np.ndarray]:
        """The fields of ``AskedHead`` by their names."""

        def kept(layer: torch.nn.Linear) -> np.ndarray:
            return layer.weight.detach().numpy().T.astype(np.float32)

        network = self.network
        return {
            "names": np.array(self.names),
            "mean": self.mean,
            "spread": self.spread,
            "signs": kept(network.summary),
            "summary_bias": network.summary.bias.detach().numpy(),
            "linear": kept(network.linear)[:, 0],
            "inner": kept(network.inner),
            "inner_bias": network.inner.bias.detach().numpy(),
            "outer": kept(network.outer)[:, 0],
            "none_inner": kept(network.none_inner),
            "none_bias": network.none_inner.bias.detach().numpy(),
            "none_outer": kept(network.none_outer)[:, 0],
            "none_last": network.none_outer.bias.detach().numpy(),
        }


def head_of(arrays: dict[str, np.ndarray]) -> AskedHead:
    places = {str(name): place for place, name in enumerate(arrays["names"])}
    return AskedHead(places, **{name: array for name, array in arrays.items() if name != "names"})


def show(heads: list[AskedHead], rows: Rows, name: str, of: np.ndarray) -> None:
    some = [rows.seen[place] for place in np.flatnonzero(of)]
    told = [np.mean([_chances(head, one) for head in heads], 0) for one in some]
    wanted = np.array([is_asked(one) for one in some])
    best = [one.chunks[int(chances[1:].argmax())] in one.turn.answers for one, chances in zip(some, told, strict=True)]
    right, any_of_them = np.array(best), np.array([1 - chances[0] for chances in told])
    there = np.array([any(chunk in one.turn.answers for chunk in one.chunks) for one in some])
    print(
        f"{name}: {len(some)} messages, {wanted.sum()} ask for an answer; among the {MOST}: {there[wanted].mean():.2f}"
    )
    print(f"  the likeliest is right, where one is asked for: {right[wanted].mean():.3f}")
    for least in (0.5, OF_PAGES, DOUBTED, HEARD):
        believed = any_of_them >= least
        print(
            f"  believed from {least}: {believed.sum()}, one is asked for in {wanted[believed].mean():.3f}, "
            f"the very answer {(right & wanted)[believed].mean():.3f}; of all that ask {believed[wanted].mean():.3f} are believed"
        )


def _chances(head: AskedHead, one: Seen) -> np.ndarray:
    none, chances = head.probabilities(one.numbers, one.signs)
    return np.concatenate([[none], chances])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("seen", type=Path, nargs="+")
    options.add_argument("--hands", action="store_true", help="train without each writer in turn, and score on theirs")
    options.add_argument("--keep", action="store_true", help="then train on everything and write the weights that ship")
    chosen = options.parse_args()
    torch.set_num_threads(2)
    seen: list[Seen] = [one for file in chosen.seen for one in pickle.loads(file.read_bytes()) if len(one.numbers)]
    alone = [by_pages_alone(one) for number, one in enumerate(seen) if number % PAGES_ALONE == 0]
    rows = Rows([*seen, *(one for one in alone if one.chunks)])
    whole = np.arange(len(rows.seen)) < len(seen)
    held, goes_on = np.array([one.is_held for one in rows.seen]), np.array([one.place > 0 for one in rows.seen])
    hands = np.array([one.hand for one in rows.seen])
    print(len(rows.seen), "messages,", rows.numbers.shape[2], "numbers,", len(rows.names), "signs")
    parts = [(f"hand {hand}", hands == hand) for hand in sorted(set(hands))] if chosen.hands else [("held out", held)]
    for name, out in parts:
        heads = [head_of(Trained(rows, ~out, seed).arrays()) for seed in range(SEEDS)]
        for said, of in ((f"{name}, first messages", out & ~goes_on), (f"{name}, follow-ups", out & goes_on)):
            show(heads[:1], rows, said, of & whole)
        show(heads[:1], rows, f"{name}, pages without answers", out & ~whole)
    if chosen.keep:
        np.savez_compressed(WEIGHTS, **Trained(rows, np.ones_like(held)).arrays())


if __name__ == "__main__":
    main()
