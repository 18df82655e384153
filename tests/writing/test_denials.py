"""S-5: what was not searched is never called not found, and there is one place where a denial is worded."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from benchmarks.questions import QUESTIONS
from mangaassist.domain.evidence import Degradation, Evidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.denials import Denial
from mangaassist.models.writers.offline.phrasing import PHRASES, Phrasing
from tests.writing.at_the_counter import WRITER, said
from tests.writing.test_offline_properties import MESSAGES

OFFLINE = Path(denials.__file__).parent
ALL = {name: row for name, row in vars(denials).items() if isinstance(row, Denial)}
SERVICES = {
    *("catalog", "pricing", "inventory", "reviews", "recommendations", "orders", "shipping", "returns", "promotions"),
    *("knowledge", "embedding", "classifier"),
}  # fmt: skip
DENIES = re.compile(
    r"\b(?:do|did|does)(?:n't| not) (?:\w+ )?(?:find|see|have|know|sell|seem)\b|\b(?:can't|cannot|couldn't|could not) find\b"
    r"|\bfound nothing\b|\bthere(?:'s| is| are) no\b|\bnone of\b|\bhave no\b|\bno (?:title|offer|order|page)s? of\b"
    r"|\bdidn't lead me\b|\blooks empty\b|\bnothing (?:in|that)\b",
    re.IGNORECASE,
)
NO_SEARCH = {"Without a sign-in I don't know who is writing"}
"""What is not known without anything having been looked for."""
WORDED_IN_DATA = {
    "faq.no_reason": {"knowledge", "embedding", "classifier"},
    "order_tracking.no_tracking": {"shipping"},
    "return_request.no_refund": {"returns"},
    "order_aspects.refund.none": {"returns"},
    "promotion.nothing_on": {"promotions"},
    "promotion.none_called": {"promotions"},
    "promotion.not_everything": {"promotions"},
    "promotion.not_multibuy": {"promotions"},
    "promotion.not_covered": {"promotions"},
    "promotion.no_codes": {"promotions"},
}
"""Denials among the phrases, with what each rests on: their composers ask for it themselves."""
NOT_SEARCHED = {
    "checkout_help.unpriced": "says what a sum leaves out",
    "faq.sells_not": "is a fact of the store",
    "chitchat.favourite": "speaks of the assistant",
    "chitchat.my_name_guest": "speaks of who is not signed in",
    "care.distress": "is no denial",
}
WITHOUT = [
    ("promotions",),
    ("orders", "returns"),
    ("shipping", "returns"),
    ("catalog",),
    ("knowledge",),
    ("catalog", "knowledge"),
    ("embedding",),
    ("classifier", "embedding"),
]


ASKED = [(intent, text) for asked in (QUESTIONS, MESSAGES) for intent, texts in asked.items() for text in texts]


def patterns(row: Denial) -> Iterator[re.Pattern[str]]:
    """The ways in which the row denies, whatever stands in its fields."""
    for words in row.words:
        yield re.compile(".*".join(map(re.escape, re.split(r"\{\w+\}", words))), re.DOTALL)


def degraded(*services: str) -> Evidence:
    return Evidence(degraded=tuple(Degradation(service, "done without") for service in services))


@pytest.mark.parametrize("row", ALL.values(), ids=ALL)
def test_a_denial_rests_on_services_and_has_words_for_when_they_could_not_be_asked(row: Denial) -> None:
    assert row.rests_on
    assert set(row.rests_on) <= SERVICES
    assert all(DENIES.search(words) for words in row.words)
    assert not DENIES.search(row.unsure)
    assert set(re.findall(r"\{(\w+)\}", row.unsure)) <= set(re.findall(r"\{(\w+)\}", row.words[0]))


@pytest.mark.parametrize("row", ALL.values(), ids=ALL)
def test_a_denial_needs_every_service_that_it_rests_on(row: Denial, shelf: SimpleNamespace) -> None:
    fields = dict.fromkeys(re.findall(r"\{(\w+)\}", "".join(row.words) + row.unsure), " x")
    others = SERVICES - set(row.rests_on)
    assert DENIES.search(told(row, shelf.asks("x", Intent.FAQ, degraded(*others)), fields))
    for service in row.rests_on:
        worded = told(row, shelf.asks("x", Intent.FAQ, degraded(service)), fields)
        assert worded == row.unsure.format(**fields)


def told(row: Denial, task: WritingTask, fields: dict[str, str]) -> str:
    return row.told(task, Phrasing(task), **fields)


@pytest.mark.parametrize("services", WITHOUT, ids="+".join)
@pytest.mark.parametrize(("intent", "text"), ASKED)
def test_an_answer_denies_nothing_that_could_not_be_looked_for(
    shelf: SimpleNamespace, intent: Intent, text: str, services: tuple[str, ...]
) -> None:
    answer, notes = WRITER.compose(shelf.asks(text, intent, degraded(*services)))
    for name, row in ALL.items():
        if set(row.rests_on) & set(services):
            assert not any(pattern.search(answer) for pattern in patterns(row)), name
    for key in {used.rpartition(":")[0] for used in notes.phrases} & WORDED_IN_DATA.keys():
        assert not WORDED_IN_DATA[key] & set(services), key


@pytest.mark.parametrize(("intent", "text"), ASKED)
def test_an_answer_denies_nothing_when_nothing_could_be_asked(
    shelf: SimpleNamespace, intent: Intent, text: str
) -> None:
    assert not DENIES.search(said(shelf.asks(text, intent, degraded(*SERVICES))))


def test_every_denial_among_the_phrases_says_what_it_rests_on() -> None:
    denying = {key for key, variants in PHRASES.items() if any(map(DENIES.search, variants))}
    assert denying == WORDED_IN_DATA.keys() | NOT_SEARCHED.keys()


def test_no_composer_words_a_denial_of_its_own() -> None:
    for module in sorted(OFFLINE.glob("*.py")):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree) if module.stem != "denials" else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                worded = re.sub("|".join(NO_SEARCH), "", node.value)
                assert not DENIES.search(worded), f"{module.name}: {node.value!r} belongs into denials.py"


def test_a_page_that_could_not_be_searched_for_is_not_denied(shelf: SimpleNamespace) -> None:
    answer = said(shelf.asks("how much is shipping?", Intent.FAQ, degraded("knowledge")))
    assert "can't search our help pages" in answer


def test_a_title_that_could_not_be_searched_for_is_not_denied(shelf: SimpleNamespace) -> None:
    answer = said(shelf.asks("do you have Dungeon Whiskers?", Intent.PRODUCT_QUESTION, degraded("embedding")))
    assert "title of ours" not in answer


def test_an_order_of_several_that_could_not_be_loaded_is_not_denied(shelf: SimpleNamespace) -> None:
    [known] = shelf.orders()[:1]
    text = f"where are {known.order.order_id} and 112-0000000-0000000"
    evidence = Evidence(orders=(known,), degraded=(Degradation("orders", "not loaded"),))
    assert "can't find" not in said(shelf.asks(text, Intent.ORDER_TRACKING, evidence))


def test_reviews_that_could_not_be_asked_for_are_not_denied(shelf: SimpleNamespace) -> None:
    unrated = replace(shelf.product("berserk"), rating=None)
    evidence = Evidence(products=(unrated,), degraded=(Degradation("reviews", "no reviews"),))
    answer = said(shelf.asks("any good reviews of berserk?", Intent.PRODUCT_QUESTION, evidence))
    assert "can't look up reviews" in answer
