"""E-1, kind intents: what is counted, and what a bad file is told."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import IntentGuess
from mangaassist.errors import BadInput
from mangaassist.evaluation.intents import Answered, evaluate_intents, score

KEYS = ["n", "accuracy", "macro_f1", "by_intent", "stage1_share", "stage1_precision", "confusion", "p50_ms", "p99_ms"]


def answered(gold: Intent, guess: Intent, stage: str = "model", took_ms: float = 1.0) -> Answered:
    return Answered(gold, IntentGuess(guess, 0.9, stage), took_ms)


def rows(tmp_path: Path, *messages: object) -> Path:
    path = tmp_path / "messages.jsonl"
    path.write_text("\n".join(m if isinstance(m, str) else json.dumps(m) for m in messages), encoding="utf-8")
    return path


async def says_faq(text: str) -> IntentGuess:
    return IntentGuess(Intent.FAQ, 0.9, "rules" if "?" in text else "model")


def test_the_figures_are_those_of_a_case_worked_by_hand():
    figures = score(
        [
            answered(Intent.FAQ, Intent.FAQ, "rules", 1),
            answered(Intent.FAQ, Intent.FAQ, "model", 2),
            answered(Intent.FAQ, Intent.PROMOTION, "rules", 3),
            answered(Intent.PROMOTION, Intent.PROMOTION, "model", 4),
        ]
    )
    assert list(figures) == KEYS
    assert figures["n"] == 4 and figures["accuracy"] == 0.75
    assert figures["macro_f1"] == pytest.approx((0.8 + 2 / 3) / 2, abs=1e-4)
    assert figures["by_intent"]["faq"] == {"precision": 1.0, "recall": 0.6667, "n": 3}
    assert figures["by_intent"]["promotion"] == {"precision": 0.5, "recall": 1.0, "n": 1}
    assert (figures["stage1_share"], figures["stage1_precision"]) == (0.5, 0.5)
    assert figures["confusion"] == {"faq": {"faq": 2, "promotion": 1}, "promotion": {"promotion": 1}}
    assert figures["p50_ms"] == 2.5


def test_a_guess_that_is_no_label_here_costs_precision_but_not_the_mean_of_the_intents():
    figures = score([answered(Intent.FAQ, Intent.CHITCHAT)])
    assert figures["macro_f1"] == 0.0
    assert figures["by_intent"]["chitchat"] == {"precision": 0.0, "recall": None, "n": 0}
    assert figures["stage1_precision"] is None


ANSWERS = st.lists(st.builds(answered, st.sampled_from(Intent), st.sampled_from(Intent)), min_size=1, max_size=40)


@given(ANSWERS)
def test_the_confusion_holds_every_message_once(answers: Sequence[Answered]):
    figures = score(answers)
    assert sum(sum(row.values()) for row in figures["confusion"].values()) == figures["n"] == len(answers)
    diagonal = sum(row.get(intent, 0) for intent, row in figures["confusion"].items())
    assert figures["accuracy"] == pytest.approx(diagonal / len(answers), abs=1e-4)
    json.dumps(figures)


async def test_a_file_is_scored_message_by_message_with_progress(tmp_path: Path):
    path = rows(
        tmp_path,
        {"text": "do you ship?", "intent": "faq", "source": "somewhere", "extra": [1]},
        "",
        {"text": "hello", "intent": "chitchat"},
    )
    seen: list[tuple[int, int]] = []
    figures = await evaluate_intents(path, says_faq, lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
    assert (figures["n"], figures["accuracy"], figures["stage1_share"]) == (2, 0.5, 0.5)


@pytest.mark.parametrize(
    "bad", ["not json", '{"text": "no label"}', '{"text": 3, "intent": "faq"}', '{"text": "x", "intent": "no_intent"}']
)
async def test_a_bad_line_is_named_by_its_number(bad: str, tmp_path: Path):
    path = rows(tmp_path, {"text": "do you ship?", "intent": "faq"}, "", bad)
    with pytest.raises(BadInput, match="line 3"):
        await evaluate_intents(path, says_faq)


async def test_a_file_without_messages_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="no message"):
        await evaluate_intents(rows(tmp_path, ""), says_faq)


async def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path):
    with pytest.raises(BadInput, match="cannot be read"):
        await evaluate_intents(tmp_path / "nowhere.jsonl", says_faq)
