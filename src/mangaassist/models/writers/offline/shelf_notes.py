"""What a search found or did not: the wish repeated, what was relaxed for it, what costs too much, and why there is nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.derived import Relaxed
from mangaassist.domain.dialogue import Proposal
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.wishes import ANY_RANGE, Wish
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.catalog_away import of_the_kind
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.price_words import offer, price_of
from mangaassist.models.writers.offline.product_lines import entry_name
from mangaassist.models.writers.offline.wish_words import label_words, price_limit, whole_wish, wish_words
from mangaassist.models.writers.offline.wording import joined, listed, name, paragraphs

MOST_WITHIN: Final = 3
MOST_QUOTED: Final = 3
CATALOG_DOWN: Final = "I can't reach our catalog at the moment, so I can't show you books or prices."
AGAIN: Final = "Please ask me again in a few minutes."
_LOOSER: Final[tuple[tuple[str, dict[str, object]], ...]] = (
    ("price", {"price": ANY_RANGE}),
    ("volumes", {"volumes": ANY_RANGE}),
    ("year", {"year": ANY_RANGE}),
    ("finished", {"finished": None}),
    ("in_stock", {"in_stock": False}),
)
"""What a shopper may give up, in this order, and what the wish is without it."""


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def relaxed(task: WritingTask, phrasing: Phrasing) -> str:
    """That nothing met the whole wish, and which part of it was given up (T-12); empty when nothing was."""
    without = given_up(task, phrasing)
    if not without:
        return ""
    sought = whole_wish(task.meaning.seeks, task) or "that"
    return denials.RELAXED.told(task, phrasing, sought=sought, instead=f"{capital(without)}:")


def unheard(task: WritingTask, phrasing: Phrasing) -> str:
    """Which of the shopper's own words nothing here could be held against: said, and never taken for a wish that was met."""
    given_up = any(one.what == "words" for one in task.evidence.derived.relaxed)
    fresh = [phrase for phrase in task.meaning.quotable if not {*phrase.split()} <= {*task.state.wish.words}]
    if not given_up or not fresh:
        return ""
    what = joined([f"“{word}”" for word in fresh[:MOST_QUOTED]], "or")
    return denials.UNHEARD_WORDS.told(task, phrasing, what=what)


def seen_already(picks: Sequence[ProductEvidence], task: WritingTask, phrasing: Phrasing) -> str:
    """Nothing meets the wish, and what comes nearest is what was shown just now: that is said, and not shown again."""
    shown = {card.series_id for card in task.state.shown}
    if not picks or not task.evidence.derived.gave_up or not {one.product.series_id for one in picks} <= shown:
        return ""
    sought = whole_wish(task.meaning.seeks, task) or "that"
    nearest = joined(f"{entry_name(one.product)}{_priced(one, task)}" for one in picks)
    return denials.NEAREST_SEEN.told(task, phrasing, sought=sought, nearest=nearest)


def unchanged(task: WritingTask, phrasing: Phrasing) -> tuple[str, Sequence[ProductEvidence]]:
    """Where what was told before still fits the narrowed wish: that it does, and what else fits; ("", ()) for any other list."""
    told, seeks, before = frozenset(task.meaning.told), task.meaning.seeks, task.state.wish
    if not {*seeks.unnamed} <= {*before.unnamed}:  # of which nobody can tell whether they still fit
        return "", ()
    still = [one for one in task.evidence.products if one.product.series_id in told]
    narrowed = (seeks.wanted, seeks.unwanted, seeks.unnamed) != (before.wanted, before.unwanted, before.unnamed)
    if not told or told - {one.product.series_id for one in still} or not (narrowed and task.meaning.is_follow_up):
        return "", ()
    if task.evidence.derived.gave_up or seeks.ordering or task.meaning.asks(Act.MORE):
        return "", ()
    fresh = [one for one in task.evidence.products if one.product.series_id not in told]
    if fresh and task.evidence.products[0].product.series_id in told:
        return "", ()
    titles = joined([entry_name(one.product) for one in still])
    beside = f" {phrasing.say('product_discovery.beside')}" if fresh else ""
    return f"{phrasing.say('product_discovery.still_fit', titles=titles)}{beside}", fresh[:MOST_WITHIN]


def _priced(known: ProductEvidence, task: WritingTask) -> str:
    by_price = any(one.what == "price" for one in task.evidence.derived.relaxed)
    return f" ({price_of(known, task)})" if by_price and known.price else ""


def given_up(task: WritingTask, phrasing: Phrasing) -> str:
    """ "without the price limit and leaving cats aside"; empty where the whole wish was met."""
    given_up = task.evidence.derived.gave_up
    judged = task.evidence.derived.judged
    words = (
        judged.get(one.label.value) or label_words(one.label) for one in given_up if one.label and one.what == "label"
    )
    labels = joined(dict.fromkeys(words))
    others = dict.fromkeys(_given_up(one, phrasing, judged) for one in given_up if one.what != "label")
    return joined([*others, *([phrasing.say("product_discovery.relaxed_label", label=labels)] if labels else [])])


def _given_up(one: Relaxed, phrasing: Phrasing, judged: Mapping[str, str]) -> str:
    key = f"product_discovery.relaxed_{one.what}"
    if one.label is None:
        return phrasing.say(key)
    return phrasing.say(key, label=judged.get(one.label.value) or label_words(one.label))


def unchecked(picks: Sequence[ProductEvidence], task: WritingTask, phrasing: Phrasing) -> str:
    """What of the wish nobody could hold the picks against."""
    how = {part.what: keeping for known in picks for part, keeping in known.keeps if keeping in ("first", "unknown")}
    fresh = (word for word in task.meaning.seeks.unnamed if word not in task.state.wish.unnamed)
    what = joined([f"“{word}”" for word in fresh], "or")
    pages = task.meaning.seeks.pages
    told = (
        unheard(task, phrasing),
        denials.UNCHECKED.told(task, phrasing, what=what) if "unnamed" in how and what else "",
        denials.PAGES_UNCHECKED.told(task, phrasing, what=pages) if pages and pages != task.state.wish.pages else "",
        denials.WHOLE_UNCHECKED.told(task, phrasing) if how.get("price") == "first" else "",
    )
    return " ".join(filter(None, told))


def nothing(task: WritingTask, phrasing: Phrasing, act: Act = Act.FIND) -> str:
    """No product: say so, and offer to look without what the shopper can give up."""
    if task.evidence.failed("catalog"):
        return paragraphs(CATALOG_DOWN, of_the_kind(task), AGAIN)
    wish = task.meaning.seeks
    sought = whole_wish(wish, task)
    if not sought:
        return denials.MATCH.told(task, phrasing, sought="")
    if wish.words and not task.evidence.derived.relaxed and not wish.wanted:
        return denials.WORDS.told(task, phrasing, words=" ".join(wish.words), hint=_looser(wish, act, phrasing))
    if set(task.meaning.avoid) & {shown.series_id for shown in task.state.shown}:
        return denials.NO_MORE.told(task, phrasing, sought=sought, hint=_looser(wish, act, phrasing))
    by_price = not wish.price.is_open or wish.ordering in ("cheapest", "dearest")
    denial = denials.SOUGHT_WITHIN if by_price else denials.SOUGHT
    return denial.told(task, phrasing, sought=sought, hint=_looser(wish, act, phrasing))


def _looser(wish: Wish, act: Act, phrasing: Phrasing) -> str:
    for what, changes in _LOOSER:
        looser = replace(wish, **changes)
        if looser != wish:
            phrasing.propose(Proposal(act, looser))
            return phrasing.say(f"product_discovery.looser_{what}")
    return phrasing.say("product_discovery.looser")


def too_dear(task: WritingTask, phrasing: Phrasing) -> str:
    """All that fits costs more than was asked for: what it costs, and what comes near within the limit."""
    evidence = task.evidence
    over = next((known for known in evidence.products if known.asin in evidence.over_limit), None)
    if over is None or evidence.derived.relaxed:
        return ""
    within = [known for known in evidence.products if known.asin not in evidence.over_limit]
    said = _over(over, task, phrasing)
    if not within and task.meaning.targets:
        return said
    if not within:
        return paragraphs(said, _looser(task.meaning.seeks, Act.FIND, phrasing))
    return paragraphs(said, f"Within your limit there's:\n{listed(_within(within, task))}")


def _over(over: ProductEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    wish, fields = task.meaning.seeks, {"over": name(over.product), "price": price_of(over, task)}
    limit = price_limit(wish.price, task).removeprefix("up to ").removeprefix("under ")
    if not limit:
        return denials.CHEAPER.told(task, phrasing, **fields)
    if task.meaning.targets:
        return f"{fields['over']} costs {fields['price']}, which is over your {limit}."
    kind = wish_words(replace(wish, price=ANY_RANGE), task) or "anything like that"
    return denials.KIND_WITHIN_LIMIT.told(task, phrasing, kind=kind, limit=limit, **fields)


def _within(products: list[ProductEvidence], task: WritingTask) -> Iterator[str]:
    for known in products[:MOST_WITHIN]:
        yield f"{name(known.product)}: {offer(known, task) or 'details on the product page'}"
