"""M-6, M-7, T-3: whatever is asked, the offline writer says nothing that the evidence does not hold."""

import re
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import NEW_DIALOGUE, DialogueState, Shown
from mangaassist.domain.evidence import AMOUNT, PRICE_PLACEHOLDER, Evidence, ProductEvidence, amounts_in
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.composing import pieces
from tests.writing.at_the_counter import WRITER, said

MESSAGES = {
    Intent.PRODUCT_DISCOVERY: ["scary manga", "do you have berserk", "berserk vol 99", "shojo under $10", "xyzzy"],
    Intent.PRODUCT_QUESTION: [
        "how much is it", "is it in stock", "who wrote it", "how many volumes are there", "compare them", "is it finished",
        "ok for a 10 year old?", "does it smell of oranges", "what is it about", "any good?", "isbn?", "latest volume?",
    ],
    Intent.RECOMMENDATION: ["like vagabond", "three cozy series", "something cheaper", "recommend me something"],
    Intent.ORDER_TRACKING: ["where is my order", "where is my vinland saga", "track 112-0000000-0000000"],
    Intent.RETURN_REQUEST: ["return vinland saga", "where is my refund", "cancel my order", "how long can i return"],
    Intent.PROMOTION: ["any deals?", "horror sale", "does code SAVE50 work", "is INK10 active"],
    Intent.CHECKOUT_HELP: ["my card was declined", "what's in my cart", "it won't let me pay"],
    Intent.FAQ: ["how much is shipping", "do you ship to canada", "do you sell pizza"],
    Intent.ESCALATION: ["a person please", "this is RIDICULOUS!!"],
    Intent.CHITCHAT: ["hi", "thanks", "are you a bot", "capital of mongolia"],
}  # fmt: skip
SERVICES = ("catalog", "pricing", "inventory", "reviews", "orders", "shipping", "returns", "promotions", "knowledge")


@st.composite
def tasks(draw: st.DrawFn, shelf: SimpleNamespace) -> WritingTask:
    """A message of any intent with any part of the evidence there or missing."""
    intent = draw(st.sampled_from(list(Intent)))
    text = draw(st.sampled_from(MESSAGES[intent]) | st.text(max_size=60))
    names = ["berserk", "vagabond", "uzumaki", "yotsuba-and", "pluto", "vinland-saga"]
    known = [shelf.product(name) for name in draw(st.lists(st.sampled_from(names), unique=True, max_size=5))]
    if draw(st.booleans()):
        known.append(shelf.product("berserk", None, "omnibus"))
    down = draw(st.lists(st.sampled_from(SERVICES), unique=True, max_size=3))
    if "pricing" in down:
        known = [replace(one, price=None) for one in known]
    if "inventory" in down:
        known = [replace(one, stock=None) for one in known]
    if draw(st.booleans()):
        known = [replace(one, rating=None, reason="Readers of Monster also bought it") for one in known]
    orders = draw(st.lists(st.sampled_from(shelf.orders()), unique_by=lambda owned: owned.order.order_id, max_size=3))
    evidence = Evidence(
        products=tuple(known),
        cart=tuple(known[:2]) if draw(st.booleans()) else (),
        orders=tuple(orders) if "orders" not in down else (),
        promotions=shelf.promotions() if draw(st.booleans()) and "promotions" not in down else (),
        chunks=shelf.searched(text) if draw(st.booleans()) else (),
        customer=draw(st.sampled_from([None, shelf.aiko])),
        degraded=tuple(one for service in down for one in shelf.without(service)),
        sign_in_needed=draw(st.booleans()) and intent in (Intent.ORDER_TRACKING, Intent.RETURN_REQUEST),
    )
    task = shelf.asks(text, intent, evidence, state=draw(st.sampled_from([NEW_DIALOGUE, shown(known[:2])])))
    second = draw(st.sampled_from([(), (HeardAct(Act.RECOMMEND),), (HeardAct(Act.RETURN),)]))
    meaning = replace(task.meaning, acts=(*task.meaning.acts, *second))
    return replace(task, meaning=meaning, evidence=replace(evidence, ceiling=meaning.seeks.price.most))


def shown(products: Sequence[ProductEvidence]) -> DialogueState:
    """The dialogue after these were shown: "it" and "them" are they."""
    cards = tuple(
        Shown(
            asin=one.asin,
            series_id=one.product.series_id,
            title=one.product.title,
            series_title=one.product.series_title,
            volume=one.product.volume,
            format=one.product.format,
        )
        for one in products
    )
    return DialogueState(acts=(Act.FIND,), shown=cards, targets=tuple(card.target() for card in cards))


def figures_of(evidence: Evidence) -> set[str]:
    """Every number that the evidence holds in any field, dates in the way they are written out."""
    text = repr(evidence)
    dates = {part for found in re.findall(r"date(?:time)?\((\d+), (\d+), (\d+)", text) for part in found}
    return {number.lstrip("0") or "0" for number in re.findall(r"\d+", text)} | dates


def counts_of(evidence: Evidence) -> set[str]:
    """How many things there are may be said as well."""
    sizes = [len(evidence.products), len(evidence.cart), len(evidence.promotions), *range(5)]
    sizes += [size - shown for size in sizes for shown in range(6) if size > shown]
    sizes += [len(owned.order.items) - 1 for owned in evidence.orders]
    return {str(size) for size in sizes}


@pytest.fixture(scope="module")
def answers(shelf: SimpleNamespace) -> st.SearchStrategy[WritingTask]:
    return tasks(shelf)


MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DATE = re.compile(rf"\b({'|'.join(MONTHS)}) (\d{{1,2}})\b")


def dates_of(evidence: Evidence) -> set[tuple[str, str]]:
    """Every day that the evidence names, as a field or in a text."""
    text = repr(evidence)
    fields = re.findall(r"date(?:time)?\(\d+, (\d+), (\d+)", text)
    return {(MONTHS[int(month) - 1], day) for month, day in fields} | set(DATE.findall(text))


def holds_to(task: WritingTask) -> None:
    """Asserts that the answer names no price, amount, day or number that the evidence does not have."""
    evidence, text = task.evidence, said(task)
    priced = evidence.priced()
    assert text.strip(), "an answer is never empty"
    assert all(asin in priced for asin in PRICE_PLACEHOLDER.findall(text)), "a placeholder without a price behind it"
    assert "{{" not in PRICE_PLACEHOLDER.sub("", text), "a broken placeholder"
    assert set(amounts_in(text)) <= evidence.amounts(), "an amount that no evidence names"
    assert text.count("**") % 2 == 0, "bold that never ends"
    worded = re.sub(r"\{\{.*?\}\}", "", text)
    assert set(DATE.findall(worded)) <= dates_of(evidence), "a day that no evidence names"
    known = figures_of(evidence) | counts_of(evidence) | set(re.findall(r"\d+", task.meaning.text))
    known.add("5")  # the scale of the ratings
    counted = AMOUNT.sub("", worded).replace(",", "")  # amounts are held to the evidence above, cents and all
    unknown = {number.lstrip("0") or "0" for number in re.findall(r"\d+", counted)} - known
    assert not unknown, f"numbers out of nowhere: {unknown} in {text}"


def everything(shelf: SimpleNamespace, text: str) -> Evidence:
    products = (shelf.product("berserk"), shelf.product("vagabond"), shelf.product("berserk", None, "omnibus"))
    return Evidence(
        products=products,
        cart=products[:2],
        orders=shelf.orders()[:6],
        promotions=shelf.promotions(),
        chunks=shelf.searched(text),
        customer=shelf.aiko,
    )


def blind(evidence: Evidence, shelf: SimpleNamespace, *services: str) -> Evidence:
    """The evidence without what these services tell."""

    def seen(known: ProductEvidence) -> ProductEvidence:
        gone = {"pricing": "price", "inventory": "stock", "reviews": "rating"}
        return replace(known, **{gone[service]: None for service in services if service in gone})

    return replace(
        evidence,
        products=tuple(map(seen, evidence.products)),
        cart=tuple(map(seen, evidence.cart)),
        orders=tuple(replace(owned, shipments=()) for owned in evidence.orders)
        if "shipping" in services
        else evidence.orders,
        degraded=tuple(one for service in services for one in shelf.without(service)),
    )


@pytest.mark.parametrize(
    "services", [(), ("pricing",), ("inventory",), ("reviews",), ("shipping",), ("returns", "pricing")]
)
@pytest.mark.parametrize("intent", list(Intent))
def test_every_kind_of_answer_holds_to_the_evidence(
    intent: Intent, services: tuple[str, ...], shelf: SimpleNamespace
) -> None:
    for text in MESSAGES[intent]:
        evidence = blind(everything(shelf, text), shelf, *services)
        for state in (shown(evidence.products[:2]), shown(evidence.products[:1]), NEW_DIALOGUE):
            holds_to(shelf.asks(text, intent, evidence, state=state))
            holds_to(shelf.asks(text, intent, replace(evidence, products=evidence.products[:1]), state=state))


class TestEveryAnswer:
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def test_holds_to_the_evidence(self, answers: st.SearchStrategy[WritingTask], data: st.DataObject) -> None:
        holds_to(data.draw(answers))

    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def test_names_no_stock_and_no_price_when_nobody_knows_them(
        self, answers: st.SearchStrategy[WritingTask], data: st.DataObject
    ) -> None:
        task = data.draw(answers)
        products = tuple(replace(one, price=None, stock=None) for one in task.evidence.products)
        unseen = replace(task, evidence=replace(task.evidence, products=products, cart=(), chunks=()))
        text = said(unseen)
        assert not PRICE_PLACEHOLDER.search(text)
        assert not re.search(r"\bis (?:in stock|out of stock|on backorder|available to preorder)|, in stock", text)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def test_is_brief(self, answers: st.SearchStrategy[WritingTask], data: st.DataObject) -> None:
        task = data.draw(answers)
        assert len(said(task).split()) <= 175
        assert sum(line.startswith("- ") for line in said(task).splitlines()) <= 6

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def test_comes_with_at_most_three_short_suggestions(
        self, answers: st.SearchStrategy[WritingTask], data: st.DataObject
    ) -> None:
        task = data.draw(answers)
        offered = WRITER.suggestions(task)
        assert len(offered) <= 3
        assert len(set(offered)) == len(offered)
        assert all(0 < len(one) <= 80 and not AMOUNT.search(one) for one in offered)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_pieces_are_the_whole_text(text: str) -> None:
    text = text.strip()
    assert "".join(pieces(text)) == text


async def test_a_draft_streams_the_answer_in_small_pieces_and_costs_nothing(shelf: SimpleNamespace) -> None:
    task = shelf.asks("scary manga", Intent.PRODUCT_DISCOVERY, Evidence(products=(shelf.product("uzumaki"),)))
    draft = WRITER.write(task)
    streamed = [piece async for piece in draft]
    assert "".join(streamed) == said(task)
    assert max(len(piece.split()) for piece in streamed) <= 12
    assert (draft.usage.model, draft.usage.cost_usd) == ("offline", 0.0)


def test_one_message_always_reads_the_same_and_others_differ(shelf: SimpleNamespace) -> None:
    greetings = {said(shelf.asks(f"hi{'!' * n}", Intent.CHITCHAT)) for n in range(20)}
    assert 1 < len(greetings) <= 3
    assert said(shelf.asks("hi", Intent.CHITCHAT)) == said(shelf.asks("hi", Intent.CHITCHAT))
