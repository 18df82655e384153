"""Recommendation: what to read next and why, for whom, and what was bought or liked before."""

from collections.abc import Callable, Iterator
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.wishes import Label
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.focus import acts_of, of_asin, subjects
from mangaassist.models.writers.offline.hooks import after_list
from mangaassist.models.writers.offline.openings import acknowledged, heading
from mangaassist.models.writers.offline.opinions import mean_words
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.product_discovery import listing, several_wishes
from mangaassist.models.writers.offline.product_lines import (
    BRIEF,
    FROM_GUIDE,
    LISTED,
    entry_name,
    entry_price,
    goes_on,
    mature,
    picked,
    reason,
    things_words,
)
from mangaassist.models.writers.offline.shelf_notes import nothing, relaxed, seen_already, too_dear, unchanged
from mangaassist.models.writers.offline.wish_words import label_words, reader_words, wish_words
from mangaassist.models.writers.offline.wording import (
    bold,
    by_authors,
    joined,
    listed,
    paragraphs,
    sentence,
    sentences_of,
    series_name,
    theme_words,
)

INTENT: Final = Intent.RECOMMENDATION
MOST_BOUGHT: Final = 2
"""Titles of purchases that an answer goes by."""
_MOST_ABOUT: Final = 220
Answer = Callable[[WritingTask, Phrasing], str]


def compose(task: WritingTask, phrasing: Phrasing) -> str:
    """Every act of the intent, in order; those that ask for suggestions are answered once."""
    acts = acts_of(task, INTENT) or (Act.RECOMMEND,)
    answers = dict.fromkeys(_ANSWERS.get(act, suggest) for act in acts)
    return paragraphs(*(answer(task, phrasing) for answer in answers))


def offer_next(task: WritingTask, phrasing: Phrasing) -> str:
    """One question that "yes" answers, or nothing."""
    is_list = len(task.evidence.products) > 1 and not task.meaning.asks(Act.WHY, Act.SURPRISE)
    return after_list(task, phrasing, Act.RECOMMEND) if is_list else ""


def suggestions(task: WritingTask) -> Iterator[str]:
    products = task.evidence.products
    if not products:
        yield from (f"Show me horror {task.evidence.facts.wares.many}", "Surprise me", "What's on offer right now?")
        return
    yield f"What is {products[0].product.series_title} about?"
    yield "Why that one?"
    yield "Show me more"


def suggest(task: WritingTask, phrasing: Phrasing) -> str:
    """For whom and for what, up to three with their reasons; asked back only where nothing at all is known."""
    if not task.evidence.products:
        return _nothing(task, phrasing)
    if len(task.meaning.sought) > 1:
        return several_wishes(task, phrasing)
    if dear := too_dear(task, phrasing):
        return dear
    if not picked(task):
        return nothing(task, phrasing, Act.RECOMMEND)
    if seen := seen_already(picked(task), task, phrasing):
        return seen
    head, fresh = unchanged(task, phrasing)
    if head:
        return listing(head, fresh, task, phrasing, prices=_wants_prices(task)) if fresh else head
    head = relaxed(task, phrasing) or heading(task, phrasing, "recommendation", picked(task))
    if task.meaning.premise == "sales":
        head = phrasing.say("product_discovery.no_sales")
    return paragraphs(
        listing(head, picked(task), task, phrasing, prices=_wants_prices(task)), _gift_card(task, phrasing)
    )


def _gift_card(task: WritingTask, phrasing: Phrasing) -> str:
    """For somebody who may own it all, as far as a page of the store speaks of gift cards."""
    for_other = task.meaning.seeks.reader is not None and not task.meaning.seeks.reader.is_self
    has_much = for_other and task.meaning.seeks.ordering == "underrated"
    told = any("gift card" in scored.chunk.content for scored in task.evidence.chunks)
    return phrasing.once("recommendation.gift_card") if has_much and told else ""


def _wants_prices(task: WritingTask) -> bool:
    wish = task.meaning.seeks
    return not wish.price.is_open or wish.ordering in ("cheapest", "dearest")


def _nothing(task: WritingTask, phrasing: Phrasing) -> str:
    if task.meaning.seeks.is_empty and not task.meaning.targets and not task.evidence.failed("catalog"):
        phrasing.ask_for("taste")
        return " ".join(filter(None, (acknowledged(task, phrasing), phrasing.say("recommendation.ask_taste"))))
    return nothing(task, phrasing, Act.RECOMMEND)


def _from_purchases(task: WritingTask, phrasing: Phrasing) -> str:
    """Tied to what was bought; without purchases, the plain suggestions."""
    if task.evidence.sign_in_needed:
        return phrasing.say("recommendation.sign_in")
    bought = _bought(task)
    if not picked(task):
        return _nothing(task, phrasing)
    if bought:
        head = phrasing.say("recommendation.opening_bought", titles=joined(map(bold, bought)))
    elif task.evidence.failed("orders"):
        return suggest(task, phrasing)
    else:
        head = denials.PURCHASES.told(task, phrasing)
    return listing(head, picked(task), task, phrasing, prices=_wants_prices(task))


def _bought(task: WritingTask) -> list[str]:
    """Titles of what was bought, those that a pick was chosen by first."""
    titles = (item.title.split(", Vol.")[0] for owned in task.evidence.orders for item in owned.order.items)
    reasons = " ".join(known.reason for known in picked(task))
    return sorted(dict.fromkeys(titles), key=lambda title: title not in reasons)[:MOST_BOUGHT]


def _surprise(task: WritingTask, phrasing: Phrasing) -> str:
    """One bold pick, and why."""
    if not task.evidence.products:
        return _nothing(task, phrasing)
    known = task.evidence.products[0]
    product = known.product
    pick = phrasing.say("recommendation.surprise", title=f"{entry_name(product)} {by_authors(product)}".rstrip())
    pick = " ".join(filter(None, (relaxed(task, phrasing), pick)))
    about = sentence(sentences_of(product.description, _MOST_ABOUT)) if product.description else ""
    liked = f"Readers give it {mean_words(known)}." if mean_words(known) else ""
    price = entry_price(known, task) if known.price else ""
    why = sentence(reason(known, known.fits)) if known.fits else liked
    return " ".join(filter(None, (acknowledged(task, phrasing), pick, about, why, price, mature((known,)))))


def _why(task: WritingTask, phrasing: Phrasing) -> str:
    """The reason of what was suggested: what it has of the wish, what the recommender said, what readers say."""
    reasons = {known.asin: (known, told) for known in _suggested(task) if (told := _reasons(known, task, phrasing))}
    if not reasons:
        return _by_wish(task, phrasing)
    if len(reasons) == 1:
        [(known, told)] = reasons.values()
        return phrasing.say("recommendation.why", title=series_name(known.product), reason=joined(told))
    return listed(f"{series_name(known.product)}: {joined(told)}" for known, told in reasons.values())


def _reasons(known: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> list[str]:
    liked = f"readers give it {mean_words(known)}" if mean_words(known) else ""
    given = _told_reason(known, task)
    had = "" if given.startswith("it has ") else _had(known, task)
    vouched = given.startswith("our guide")
    return [told for told in (had, _without(task, phrasing), given, _suits(known, task), liked) if told][: 2 - vouched]


def _without(task: WritingTask, phrasing: Phrasing) -> str:
    """What was refused, and our labels say nothing of it there: it was chosen by that as well."""
    refused = (one for one in task.state.wish.unwanted if one.said and one.kind in ("mood", "theme", "genre"))
    words = joined(dict.fromkeys(label_words(one) for one in refused), "or")
    return denials.WITHOUT.told(task, phrasing, words=words) if words else ""


_SUBJECTS: Final = {
    "one": "it's ",
    "from": "it's ",
    "loved": "it's ",
    "by": "it's ",
    "shares": "it ",
    "popular": "it's ",
}
"""What makes a sentence of a reason that the recommender gave, by its first word."""


def _suits(known: ProductEvidence, task: WritingTask) -> str:
    reader = reader_words(task.meaning.seeks.reader)
    fits = {fit.series_id: fit.fits for fit in task.evidence.derived.ages}
    return f"it's rated to suit {reader}" if reader and fits.get(known.product.series_id) else ""


def _suggested(task: WritingTask) -> list[ProductEvidence]:
    """What is pointed at, else the first thing that was shown."""
    if task.meaning.targets:
        return [subject.known for subject in subjects(task)][:LISTED]
    shown = (of_asin(task, one.asin) for one in task.state.shown)
    return [known for known in shown if known][:1]


def _had(known: ProductEvidence, task: WritingTask) -> str:
    """What it has of the wish in force, in the shopper's words."""
    has = {*known.product.genres, *known.product.themes, known.product.demographic, *known.product.authors}
    wanted = (*task.meaning.seeks.wanted, *task.state.wish.wanted)
    fits: list[Label] = [label for label in (known.fits or wanted) if known.fits or label.value in has]
    things = [label for label in fits if label.kind == "theme"]
    kinds = joined(dict.fromkeys(label.value.lower() for label in fits if label.kind == "genre"))
    felt = next((label for label in fits if label.kind in ("mood", "medium") and label.by), None)
    if things:
        return f"it has {things_words(things)}"
    if felt:
        return f"for “{felt.said or felt.value}” it has {joined(map(theme_words, felt.by))}"
    return f"it's {kinds}, as you asked" if kinds else ""


def _told_reason(known: ProductEvidence, task: WritingTask) -> str:
    shown = next((one.reason for one in task.state.shown if one.asin == known.asin), "")
    given = (known.reason or shown).strip().rstrip(".")
    if not given or given.lower() in _had(known, task).lower():
        return ""
    if given.startswith(FROM_GUIDE):
        return _by_guide(given.removeprefix(FROM_GUIDE).strip())
    first = given.split()[0].lower()
    words = given.split(", ")
    product = known.product
    if {*words} <= {*product.genres, *product.themes, *product.authors, product.demographic, product.format}:
        return f"it has {joined(map(theme_words, words))}"  # the card's: what of the wish the catalog says it has
    return f"{_SUBJECTS.get(first, '')}{given[0].lower()}{given[1:]}"


def _by_guide(given: str) -> str:
    """The guide, and the first sentence of what it says of the book."""
    guide, _, words = given.partition(": ")
    if not words:
        return f"our guide {guide} suggests it"
    first = sentences_of(words, BRIEF).rstrip(".")
    return f"our guide {guide} says it {first}" if goes_on(first) else f"our guide {guide} says of it: “{first}”"


def _by_wish(task: WritingTask, phrasing: Phrasing) -> str:
    wish = wish_words(task.meaning.seeks, task) or wish_words(task.state.wish, task)
    if wish:
        return phrasing.say("recommendation.why_wish", wish=wish)
    suggested = task.state.shown or task.meaning.targets
    return phrasing.say("recommendation.why_unknown") if suggested else denials.PAGE.told(task, phrasing)


_ANSWERS: Final[dict[Act, Answer]] = {
    Act.RECOMMEND: suggest,
    Act.SIMILAR: suggest,
    Act.GIFT: suggest,
    Act.FROM_PURCHASES: _from_purchases,
    Act.SURPRISE: _surprise,
    Act.WHY: _why,
}
