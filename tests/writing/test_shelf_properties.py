"""M-6, M-7, T-3, S-5: whatever is asked of the shelves, the offline writer says nothing that the evidence does not hold."""

import re
import tomllib
from decimal import Decimal
from importlib.resources import files
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.derived import AgeFit, Derived, Line, Relaxed, SetOrSingles, Total
from mangaassist.domain.dialogue import DialogueState, Target
from mangaassist.domain.evidence import PRICE_PLACEHOLDER, Evidence, ProductEvidence, amounts_in
from mangaassist.domain.products import Format
from mangaassist.domain.wishes import Label, Range, Reader, Wish
from mangaassist.domain.writing import WritingTask
from mangaassist.guardrails.review_context import ReviewContext
from mangaassist.guardrails.stages.claims import ClaimsStage
from mangaassist.guardrails.stages.prices import PricesStage
from tests.writing.hand_built import GHOSTS, GORE, HORROR, ROOMS, composed, hook, shown, target, task
from tests.writing.test_denials import DENIES, NOT_SEARCHED

SHELF_ACTS = [act for act, row in ACTS.items() if row.intent in ROOMS and act not in (Act.SELECT, Act.REFINE)]
NAMES = ["berserk", "vagabond", "uzumaki", "yotsuba-and", "pluto", "vinland-saga"]
SERVICES = [
    "catalog",
    "pricing",
    "inventory",
    "reviews",
    "recommendations",
    "orders",
    "promotions",
    "knowledge",
    "embedding",
]
LABELS = [
    GHOSTS,
    GORE,
    HORROR,
    Label("mood", "cosy", "cosy"),
    Label("author", "Junji Ito", "ito"),
    Label("format", "box_set"),
]
RANGES = [
    Range(),
    Range(None, Decimal(10)),
    Range(Decimal(5), Decimal(10)),
    Range(Decimal(3)),
    Range(Decimal(4), Decimal(4)),
]
READERS = [None, Reader("my nephew", 10, True, False), Reader("a teacher", None, False, False), Reader(age=15)]


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    labels = st.lists(st.sampled_from(LABELS), unique=True, max_size=3).map(tuple)
    return Wish(
        wanted=draw(labels),
        unwanted=draw(labels),
        like=draw(st.sampled_from([(), ("pluto",)])),
        price=draw(st.sampled_from(RANGES)),
        volumes=draw(st.sampled_from(RANGES)),
        year=draw(st.sampled_from([Range(), Range(Decimal(1990), Decimal(1999))])),
        finished=draw(st.sampled_from([None, True, False])),
        reader=draw(st.sampled_from(READERS)),
        count=draw(st.sampled_from([None, 1, 5])),
    )


def worked_out(products: list[ProductEvidence]) -> Derived:
    """Sums and verdicts over what is priced."""
    priced = [one for one in products if one.price]
    amount = sum((one.price.current for one in priced if one.price), Decimal(0))
    if not priced:
        return Derived()
    lines = tuple(Line(asin=one.asin, title=one.product.title, amount=one.price.current) for one in priced if one.price)
    first = products[0]
    box = SetOrSingles(
        asins=("B0ZZZZZZZZ",), title=f"{first.product.series_title} Box Set 9", first=1, last=3,
        set_price=Decimal("71.25"), singles_price=Decimal("99.50"), saves=Decimal("28.25"), currency="USD",
    )  # fmt: skip
    return Derived(
        total=Total(of="named", lines=lines, amount=amount, currency="USD"),
        sets=(
            SetOrSingles(
                asins=(priced[0].asin,), title=priced[0].product.title, first=1, last=3, set_price=lines[0].amount,
                singles_price=Decimal("99.50"), saves=Decimal("99.50") - lines[0].amount, currency="USD",
            ),
            box,
        ),
        cheapest_way=replace(box, asins=(*box.asins, priced[0].asin), title=first.product.series_title),
        next_volume=2,
        ages=(
            AgeFit(
                series_id=first.product.series_id, title=first.product.series_title, rating=first.product.age_rating,
                least_age=13, reader_age=10, fits=False,
            ),
        ),
        cheapest=priced[0].asin,
        dearest=priced[-1].asin,
        relaxed=(Relaxed(what="price", bounds=Range(None, Decimal(3))),),
    )  # fmt: skip


@st.composite
def tasks(draw: st.DrawFn, shelf: SimpleNamespace) -> WritingTask:
    """Any acts of any targets and wishes, with any part of the evidence there or missing."""
    known = [shelf.product(name) for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))]
    if draw(st.booleans()):
        known += [shelf.product("berserk", None, "omnibus"), shelf.product("berserk", 2)]
    known = list({one.asin: one for one in known}.values())
    down = draw(st.lists(st.sampled_from(SERVICES), unique=True, max_size=2))
    blanks = {"pricing": "price", "inventory": "stock", "reviews": "rating"}
    for service in set(down) & set(blanks):
        known = [replace(one, **{blanks[service]: None}) for one in known]
    known = [replace(one, fits=tuple(draw(st.sampled_from([(), (HORROR,), (GHOSTS, GORE)])))) for one in known]
    wished = tuple(draw(st.lists(wishes(), max_size=2)))
    ceilings = [wish.price.most for wish in wished if wish.price.most is not None]
    evidence = Evidence(
        products=tuple(known),
        orders=tuple(shelf.orders()[: draw(st.integers(0, 2))]),
        chunks=shelf.searched("when is a book back in stock") if draw(st.booleans()) else (),
        customer=draw(st.sampled_from([None, shelf.aiko])),
        degraded=tuple(one for service in down for one in shelf.without(service)),
        derived=worked_out(known) if draw(st.booleans()) else Derived(),
        ceiling=ceilings[0] if ceilings else None,
        over_limit=frozenset(one.asin for one in known[:1] if draw(st.booleans()) and ceilings),
    )
    form = draw(st.sampled_from([None, None, Format.BOX_SET, Format.OMNIBUS]))
    volume = draw(st.sampled_from([None, None, 1, 2, 99]))
    targets = [target(one, volume, form) for one in known[: draw(st.integers(0, 3))]]
    targets += [Target(series_id="lost", title="Lost Series")] if draw(st.booleans()) else []
    acts = draw(st.lists(st.sampled_from(SHELF_ACTS), min_size=1, max_size=3, unique=True))
    state = DialogueState(shown=shown(*known[:2], reason="Readers of Monster also bought it"))
    premise = draw(st.sampled_from(["", "", "sequel", "volumes", "offer"]))
    return task(acts, evidence, targets, *wished, state=state, premise=premise, text=draw(st.text(max_size=10)))


@pytest.fixture(scope="module")
def answers(shelf: SimpleNamespace) -> st.SearchStrategy[WritingTask]:
    return tasks(shelf)


MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(data=st.data())
def test_an_answer_is_whole_and_names_no_amount_that_the_evidence_lacks(
    answers: st.SearchStrategy[WritingTask], data: st.DataObject
) -> None:
    asked = data.draw(answers)
    said = composed(asked)
    assert said.strip()
    assert all(asin in asked.evidence.priced() for asin in PRICE_PLACEHOLDER.findall(said))
    assert "{" not in PRICE_PLACEHOLDER.sub("", said)
    assert set(amounts_in(said)) <= asked.evidence.amounts()
    assert said.count("**") % 2 == 0
    assert "  " not in said
    assert not re.search(r"[.:?!] ?[.:]|\b(?:None|True|False)\b|\*\*\*\*|\(\)|, ,", said), said


@MANY
@given(data=st.data())
def test_an_answer_names_only_what_is_in_the_evidence(
    answers: st.SearchStrategy[WritingTask], data: st.DataObject
) -> None:
    asked = data.draw(answers)
    known = repr(asked.evidence) + repr(asked.meaning.targets)
    labels = ("Paperback", "Hardcover", "Omnibus")
    named = re.findall(r"\*\*(.+?)\*\*", re.sub(r"\*\*\$[\d.,]+\*\*", "", composed(asked)))
    assert all(title in known or title in labels or title == "Talk to a person" for title in named), named


@MANY
@given(data=st.data())
async def test_the_guardrails_find_nothing_to_correct(
    answers: st.SearchStrategy[WritingTask], data: st.DataObject
) -> None:
    asked = data.draw(answers)
    prices = asked.evidence.priced()
    said = PRICE_PLACEHOLDER.sub(lambda found: prices[found[1]].worded(), composed(asked))
    context = ReviewContext(text=said, evidence=asked.evidence)
    for stage in (ClaimsStage(), PricesStage()):
        edits = (await stage.examine(context)).edits
        assert not edits, [said[edit.start : edit.end] for edit in edits]


@MANY
@given(data=st.data())
def test_nothing_is_denied_when_nothing_could_be_asked(
    answers: st.SearchStrategy[WritingTask], data: st.DataObject, shelf: SimpleNamespace
) -> None:
    asked = data.draw(answers)
    down = tuple(one for service in SERVICES for one in shelf.without(service))
    bare = tuple(
        replace(known, product=replace(known.product, description="")) for known in asked.evidence.products
    )  # what a book is about may be worded in any way
    blind = replace(asked, evidence=replace(asked.evidence, products=bare, chunks=(), degraded=down))
    assert not DENIES.search(composed(blind))


@MANY
@given(data=st.data())
def test_an_answer_is_brief(answers: st.SearchStrategy[WritingTask], data: st.DataObject) -> None:
    asked = data.draw(answers)
    one = replace(asked, meaning=replace(asked.meaning, acts=asked.meaning.acts[:1]))
    assert len(composed(one).split()) <= 160


@MANY
@given(data=st.data())
def test_what_is_offered_is_one_question_with_something_for_a_yes(
    answers: st.SearchStrategy[WritingTask], data: st.DataObject
) -> None:
    offered = hook(data.draw(answers))
    assert offered == "" or (offered.endswith("?") and offered.count("?") == 1)


@MANY
@given(data=st.data())
def test_suggestions_are_short_and_few(answers: st.SearchStrategy[WritingTask], data: st.DataObject) -> None:
    asked = data.draw(answers)
    offered = list(ROOMS[asked.meaning.intent].suggestions(asked))
    assert offered
    assert len(set(offered)) == len(offered)


@pytest.mark.parametrize("act", SHELF_ACTS)
def test_every_act_of_the_shelves_has_an_answer_of_its_own(act: Act) -> None:
    room = ROOMS[ACTS[act].intent]
    assert act in vars(room)["_ANSWERS"] or act is Act.REJECT


def test_no_phrase_words_a_denial() -> None:
    text = (files("mangaassist.models.writers.offline") / "data" / "phrases.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    for name in ("product_discovery", "product_question", "recommendation"):
        for key, variants in tables[name].items():
            if f"{name}.{key}" in NOT_SEARCHED:
                continue
            assert not any(DENIES.search(words) for words in ([variants] if isinstance(variants, str) else variants)), (
                key
            )
