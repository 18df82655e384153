"""E-1, kind dialogues: each expectation fails when it is not met, and what a bad file is told."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from mangaassist.errors import BadInput
from mangaassist.evaluation.dialogues import dialogues_of, evaluate_dialogues
from mangaassist.evaluation.expectations import Card, Expectation, Heard, admits_unknown, folded, missed

MONSTER = Card("Monster, Vol. 1", "Monster")
ANSWER = Heard(
    text="Yes: **Monster, Vol. 1** costs $11.99. Your order 112-1234567-1234567 comes on January 31.",
    intent="product_question",
    acts=("price", "stock"),
    cards=(MONSTER, Card("Banana Fish, Vol. 1", "Banana Fish")),
    buttons=("add_to_cart",),
)
TITLES = frozenset(map(folded, ("Monster", "Nana", "Banana Fish", "Monster, Vol. 1", "Banana Fish, Vol. 1")))


class Scripted:
    """A shop that says the same thing each time, or what a dialogue's turns are given one after another."""

    titles = TITLES

    def __init__(self, *answers: Heard, known: dict[str, Any] | None = None) -> None:
        self._answers = answers or (ANSWER,)
        self._known = known or {}
        self.heard: list[tuple[str, str, str, dict[str, Any]]] = []

    async def begin(self, dialogue_id: str, shopper: str) -> Callable[[str, dict[str, Any]], Awaitable[Heard]]:
        answers = iter(self._answers * 10)

        async def talk(message: str, page: dict[str, Any]) -> Heard:
            self.heard.append((dialogue_id, shopper, message, page))
            return next(answers)

        return talk

    async def resolved(self, text: str, shopper: str) -> Any:
        if text == "{nothing}":
            raise BadInput("bad_placeholder", "there is no placeholder 'nothing'")
        return self._known.get(text, text)


def dialogue(*turns: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": "one", "turns": list(turns), **fields}


def file(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "dialogues.jsonl"
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows), encoding="utf-8")
    return path


MET: list[dict[str, Any]] = [
    {"intent": "product_question"},
    {"act": "stock"},
    {"act": ("compare", "price")},
    {"says": ("monster, vol. 1", "$11.99")},
    {"says": (("no", "yes"),)},
    {"never_says": ("$12", "sold out")},
    {"cards": ("Monster",)},
    {"cards": (("Akira", "Banana Fish, Vol. 1"),)},
    {"cards": ("*",)},
    {"no_cards": ("Akira",)},
    {"order": "112-1234567-1234567"},
    {"admits_unknown": False},
    {"button": "add_to_cart"},
]
BROKEN: list[dict[str, Any]] = [
    {"intent": "faq"},
    {"act": "compare"},
    {"act": ("compare", "volumes")},
    {"says": ("monster, vol. 1", "$9.99")},
    {"says": (("no", "never"),)},
    {"never_says": ("$11.99",)},
    {"never_says": (("never", "costs"),)},
    {"cards": ("Akira",)},
    {"cards": ("Monster", "Akira")},
    {"no_cards": ("Monster",)},
    {"no_cards": (("Akira", "Banana Fish"),)},
    {"no_cards": ("*",)},
    {"order": "112-1234567-7654321"},
    {"admits_unknown": True},
    {"button": "track_order"},
]


@pytest.mark.parametrize("expected", MET, ids=str)
def test_an_answer_that_meets_what_is_expected_misses_nothing(expected: dict[str, Any]):
    assert missed(Expectation(**expected), ANSWER, TITLES) == []


@pytest.mark.parametrize("expected", BROKEN, ids=str)
def test_an_answer_that_does_not_is_told_what_it_misses_by_the_name_of_the_expectation(expected: dict[str, Any]):
    lines = missed(Expectation(**expected), ANSWER, TITLES)
    assert {line.partition(": ")[0] for line in lines} == {*expected}


@pytest.mark.parametrize(
    ("part", "text"),
    [("no", "I know it"), ("$9.9", "It is $9.99"), ("12", "112 volumes"), ("5", "4.5 out of 5.5"), ("$1", "$1,088.12")],
)
def test_a_short_word_or_a_number_is_not_found_within_a_longer_one(part: str, text: str):
    assert missed(Expectation(says=(part,)), Heard(text=text, intent="faq"))


def test_typography_case_and_markup_make_no_difference():
    heard = Heard(text="It’s **Berserk – Deluxe**", intent="faq")
    assert missed(Expectation(says=("it's berserk - deluxe",)), heard) == []


def test_a_title_is_no_part_of_another_title_but_a_piece_of_one_is():
    heard = Heard(text="", intent="faq", cards=(Card("Banana Fish, Vol. 1", "Banana Fish"),))
    assert missed(Expectation(cards=("Nana",)), heard, TITLES)
    assert missed(Expectation(cards=("fish, vol",)), heard, TITLES) == []


@pytest.mark.parametrize(
    "text",
    ["I don’t know who translated it.", "We have no information on that.", "I can't tell.", "The catalog doesn't say."],
)
def test_an_answer_that_says_that_it_does_not_know_admits_it(text: str):
    assert admits_unknown(text)


@pytest.mark.parametrize(
    "text",
    ["No, we don't sell it.", "It isn't in our catalog.", "I can't tell which book you mean.", "It isn't finished."],
)
def test_a_no_or_a_question_admits_nothing(text: str):
    assert not admits_unknown(text)


async def test_turns_are_counted_by_category_and_place_and_failures_are_told_with_their_answer(tmp_path: Path):
    wrong = Heard(text="Hello!", intent="chitchat")
    rows = [
        dialogue({"message": "a", "expect": {"says": ["yes"]}}, {"message": "b", "expect": {"says": ["yes"]}}),
        dialogue({"message": "c", "expect": {"says": ["yes"]}}, id="two", category="faq"),
    ]
    figures = await evaluate_dialogues(file(tmp_path, *rows), Scripted(ANSWER, wrong))
    assert (figures["n_dialogues"], figures["n_turns"], figures["turns_right"]) == (2, 3, 2)
    assert figures["by_category"] == {
        "faq": {"n_turns": 1, "turns_right": 1},
        "unsorted": {"n_turns": 2, "turns_right": 1},
    }
    assert figures["follow_ups"] == {"n_turns": 1, "turns_right": 0}
    [failure] = figures["failures"]
    assert failure == {
        "id": "one",
        "category": "unsorted",
        "turn": 2,
        "message": "b",
        "missed": ["says: not said: yes"],
        "answer": "Hello!",
    }


async def test_a_turn_is_said_on_its_page_by_its_shopper_and_unknown_fields_are_ignored(tmp_path: Path):
    shop = Scripted()
    page = {"store_section": "cart"}
    row = dialogue({"message": "hi", "page": page, "mood": "glad"}, shopper="aiko", score=2)
    figures = await evaluate_dialogues(file(tmp_path, row), shop)
    assert shop.heard == [("one", "aiko", "hi", page)]
    assert figures["turns_right"] == 1


async def test_placeholders_are_filled_in_what_is_said_shown_and_expected(tmp_path: Path):
    shop = Scripted(
        known={"{who}": "Aiko", "{asin}": "B000000001", "{price}": "$11.99", "{some}": ("Akira", "Monster")}
    )
    row = dialogue(
        {
            "message": "{who}",
            "page": {"current_asin": "{asin}"},
            "expect": {"says": ["{price}", ["{some}", "x"]], "cards": ["{some}"], "act": ["{price}", "price"]},
        }
    )
    figures = await evaluate_dialogues(file(tmp_path, row), shop)
    assert figures["failures"] == []
    assert shop.heard == [("one", "guest", "Aiko", {"current_asin": "B000000001"})]


async def test_nothing_that_stands_for_a_title_is_never_shown(tmp_path: Path):
    row = dialogue({"message": "hi", "expect": {"cards": ["{some}"], "no_cards": ["{some}"]}})
    figures = await evaluate_dialogues(file(tmp_path, row), Scripted(known={"{some}": ()}))
    assert [line.partition(":")[0] for line in figures["failures"][0]["missed"]] == ["cards"]


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        {"id": "two"},
        {"id": "two", "turns": []},
        {"id": "two", "turns": [{"message": ""}]},
        {"id": "two", "turns": [{"message": "hi", "expect": {"says": "yes"}}]},
        {"id": "two", "turns": [{"message": "hi", "expect": {"says": ["{nothing}"]}}]},
        {"id": "two", "turns": [{"message": "{some}"}]},
    ],
    ids=str,
)
async def test_a_bad_line_is_named_by_its_number(tmp_path: Path, bad: object):
    path = file(tmp_path, dialogue({"message": "hi"}), bad)
    with pytest.raises(BadInput, match=r"dialogues\.jsonl, line 2: "):
        await evaluate_dialogues(path, Scripted(known={"{some}": ("a", "b")}))


async def test_an_empty_file_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="holds no dialogue"):
        await evaluate_dialogues(file(tmp_path), Scripted())


async def test_progress_is_told_by_the_dialogue(tmp_path: Path):
    told: list[tuple[int, int]] = []
    rows = [dialogue({"message": "hi"}, {"message": "ho"}), dialogue({"message": "hi"}, id="two")]
    await evaluate_dialogues(file(tmp_path, *rows), Scripted(), lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]


def test_of_a_sample_every_category_has_its_share_and_it_is_the_same_each_time(tmp_path: Path) -> None:
    """E-1: a slow model is measured on part of the dialogues."""
    kinds = ["faq"] * 60 + ["orders"] * 30 + ["gift"] * 10
    rows = [dialogue({"message": "a"}, id=f"d{place}", category=kind) for place, kind in enumerate(kinds)]
    rows = rows[::3] + rows[1::3] + rows[2::3]
    path = file(tmp_path, *(row | {"id": f"d{place}"} for place, row in enumerate(rows)))
    chosen = dialogues_of(path, 20)
    assert Counter(one.category for _, one in chosen) == {"faq": 12, "orders": 6, "gift": 2}
    assert chosen == dialogues_of(path, 20)
    assert [number for number, _ in chosen] == sorted(number for number, _ in chosen)
    assert len(dialogues_of(path, 1000)) == 100
