"""Product discovery: what is on the shelves for a wish, whether a title is, and which one costs least."""

from calendar import month_name
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import comparisons, denials
from mangaassist.models.writers.offline.carried import carries
from mangaassist.models.writers.offline.focus import acts_of
from mangaassist.models.writers.offline.hooks import after_list
from mangaassist.models.writers.offline.openings import acknowledged, heading
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.product_lines import (
    entry_name,
    from_guide,
    lines,
    mature,
    no_prices,
    picked,
    suitable,
    unsure_of,
)
from mangaassist.models.writers.offline.recalled_books import recalled_book, which_of_guesses
from mangaassist.models.writers.offline.shelf_notes import (
    capital,
    given_up,
    nothing,
    relaxed,
    seen_already,
    too_dear,
    unchanged,
    unchecked,
)
from mangaassist.models.writers.offline.wish_words import agreed, reader_words, whole_wish, wish_words
from mangaassist.models.writers.offline.wording import joined, paragraphs

INTENT: Final = Intent.PRODUCT_DISCOVERY
Answer = Callable[[WritingTask, Phrasing], str]


def compose(task: WritingTask, phrasing: Phrasing) -> str:
    """Every act of the intent, in order; without one, what was found."""
    acts = acts_of(task, INTENT) or (Act.FIND,)
    return paragraphs(*(_ANSWERS.get(act, find)(task, phrasing) for act in acts))


def offer_next(task: WritingTask, phrasing: Phrasing) -> str:
    """One question that "yes" answers, or nothing."""
    is_list = set(acts_of(task, INTENT)) <= {Act.FIND, Act.MORE} and len(task.evidence.products) > 1
    is_list = is_list and task.meaning.seeks.recalled is None
    return after_list(task, phrasing, Act.FIND) if is_list else ""


def suggestions(task: WritingTask) -> Iterator[str]:
    products = task.evidence.products
    if not products:
        yield from ("Recommend me something", "What's on offer right now?")
        return
    first = products[0].product
    yield f"What is {first.series_title} about?"
    several = len({known.product.series_id for known in products}) > 1
    if several and not task.evidence.failed("pricing") and not task.meaning.asks(Act.CHEAPEST):
        yield "Which one is the cheapest?"
    if first.series_volumes > 1:
        yield f"Is {first.series_title} finished?"
    yield f"What should I read after {first.series_title}?"


def find(task: WritingTask, phrasing: Phrasing) -> str:
    """The wish repeated, up to three lines, and what has to be said of them."""
    if not task.evidence.products:
        return nothing(task, phrasing)
    if len(task.meaning.sought) > 1:
        return several_wishes(task, phrasing)
    if dear := too_dear(task, phrasing):
        return dear
    picks = picked(task)
    if not picks:
        return nothing(task, phrasing)
    if (recalled := task.meaning.seeks.recalled) and not {*task.meaning.refused} - {*task.state.refused}:
        told = recalled_book if task.meaning.recalls else which_of_guesses
        return told(recalled, picks, task, phrasing)
    if seen := seen_already(picks, task, phrasing):
        return seen
    head, fresh = unchanged(task, phrasing)
    if head:
        return listing(head, fresh, task, phrasing) if fresh else head
    return listing(
        relaxed(task, phrasing) or heading(task, phrasing, "product_discovery", picks), picks, task, phrasing
    )


def listing(
    head: str, picks: Sequence[ProductEvidence], task: WritingTask, phrasing: Phrasing, *, prices: bool = True
) -> str:
    """A heading over lines, then what holds for all of them."""
    told = (
        from_guide(picks, task),
        mature(picks),
        suitable(picks, task),
        unsure_of(task),
        unchecked(picks, task, phrasing),
    )
    notes = " ".join(filter(None, told))
    return paragraphs(f"{head}\n{lines(picks, task, prices=prices)}", notes, no_prices(task) if prices else "")


def several_wishes(task: WritingTask, phrasing: Phrasing) -> str:
    """A group a wish, each under its own words; a wish that found nothing says so."""
    groups: list[str] = []
    for place, wish in enumerate(task.meaning.sought):
        picks = [known for known in task.evidence.products if known.wish == place][:2]
        words, reader = wish_words(agreed(wish, picks), task), reader_words(wish.reader)
        words = f"for {reader}{', ' if words else ''}{words}" if reader else words or "the other one"
        if picks:
            groups.append(f"{capital(words)}:\n{lines(picks, task, prices=True)}")
        else:
            groups.append(denials.SOUGHT.told(task, phrasing, sought=words.removeprefix("for "), hint="").strip())
    return paragraphs(acknowledged(task, phrasing), *groups, mature(task.evidence.products[:4]))


def _more(task: WritingTask, phrasing: Phrasing) -> str:
    sought = whole_wish(task.meaning.seeks, task) or "of that kind"
    if picked(task):
        others = phrasing.say("product_discovery.more")
        if task.evidence.derived.gave_up:
            others = denials.NO_MORE.told(task, phrasing, sought=sought, hint=f"{capital(given_up(task, phrasing))}:")
        return listing(" ".join(filter(None, (acknowledged(task, phrasing), others))), picked(task), task, phrasing)
    if task.evidence.failed("catalog"):
        return nothing(task, phrasing)
    return denials.NO_MORE.told(task, phrasing, sought=sought, hint=phrasing.say("product_discovery.looser"))


def _extreme(act: Act) -> Answer:
    def verdict(task: WritingTask, phrasing: Phrasing) -> str:
        listed = act is Act.BEST_RATED and (task.meaning.seeks.count or 1) > 1 and not task.meaning.targets
        if task.evidence.derived.gave_up or listed or task.meaning.seeks.in_full:
            return find(task, phrasing)
        by_ratings = act is Act.BEST_RATED and task.meaning.premise == "sales" and not task.meaning.targets
        told = comparisons.extreme(act, task, phrasing) or find(task, phrasing)
        return f"{phrasing.say('product_discovery.no_sales')} {told}" if by_ratings else told

    return verdict


def _new(task: WritingTask, phrasing: Phrasing) -> str:
    if not picked(task):
        return nothing(task, phrasing)
    sought = wish_words(task.meaning.seeks, task)
    head = f"The newest {sought}:" if sought else phrasing.say("product_discovery.new")
    return listing(relaxed(task, phrasing) or head, picked(task), task, phrasing)


def _preorders(task: WritingTask, phrasing: Phrasing) -> str:
    """Only what can really be preordered."""
    products = [known for known in task.evidence.products if known.stock and known.stock.state == "preorder"]
    seeks = task.meaning.seeks
    month = month_name[seeks.month] if seeks.month else ""
    sought = wish_words(seeks, task)
    if products:
        key = "product_discovery.due" if month else "product_discovery.preorders"
        head = phrasing.say(key, month=month, what=f", {sought}" if sought else "")
        return listing(relaxed(task, phrasing) or head, products[:3], task, phrasing)
    if sought := f"{sought or task.evidence.facts.wares.many} due in {month}" if month else sought:
        return denials.PREORDERS_OF.told(task, phrasing, sought=sought)
    denied = denials.PREORDERS.told(task, phrasing)
    newest = joined(entry_name(known.product) for known in task.evidence.products[:3])
    return f"{denied} The newest we have: {newest}." if newest and not task.evidence.failed("catalog") else denied


def _authors(others: Sequence[ProductEvidence]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(author for one in others for author in one.product.authors))


def _same_author(task: WritingTask, phrasing: Phrasing) -> str:
    """What else the author made; the series that the question starts from does not count."""
    known = {target.series_id for target in task.meaning.targets}
    others = [one for one in task.evidence.products if one.product.series_id not in known]
    # Of two makers one may have made only some of these: named is who made them all.
    shared = [one for one in _authors(others) if all(one in book.product.authors for book in others)]
    author = joined(task.meaning.seeks.values("author") or shared[:2]) or "the same makers"
    if others:
        head = relaxed(task, phrasing) or phrasing.say("product_discovery.same_author", author=author)
        return listing(head, others[:3], task, phrasing)
    if task.evidence.failed("catalog"):
        return nothing(task, phrasing)
    return denials.SAME_AUTHOR.told(task, phrasing, author=author)


_ANSWERS: Final[dict[Act, Answer]] = {
    Act.FIND: find,
    Act.CARRIES: carries,
    Act.MORE: _more,
    Act.CHEAPEST: _extreme(Act.CHEAPEST),
    Act.DEAREST: _extreme(Act.DEAREST),
    Act.LONGEST: _extreme(Act.LONGEST),
    Act.SHORTEST: _extreme(Act.SHORTEST),
    Act.BEST_RATED: _extreme(Act.BEST_RATED),
    Act.NEW_RELEASES: _new,
    Act.PREORDERS: _preorders,
    Act.BY_SAME_AUTHOR: _same_author,
}
