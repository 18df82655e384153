"""Product question: everything that was asked of a book or a series, in order, as one paragraph."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import (
    claims_in_words,
    comparisons,
    denials,
    editions,
    guides,
    opinions,
    reading_paths,
    standing,
    untold,
)
from mangaassist.models.writers.offline.carried import missing_volumes
from mangaassist.models.writers.offline.catalog_away import ENOUGH_FIT, of_the_book
from mangaassist.models.writers.offline.complete_sets import exact_set
from mangaassist.models.writers.offline.focus import MOST_SUBJECTS, Subject, acts_of, by_series, subjects
from mangaassist.models.writers.offline.help_pages import passage
from mangaassist.models.writers.offline.hooks import after_fact, may_offer
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.price_words import (
    AT_HAND,
    not_at_hand,
    offer_sentence,
    prices,
    stocks,
)
from mangaassist.models.writers.offline.product_facts import (
    TELLERS,
    adaptation,
    fact,
    restock,
    translator,
)
from mangaassist.models.writers.offline.shelf_notes import AGAIN, capital, too_dear
from mangaassist.models.writers.offline.sums_in_words import (
    affordable_sentence,
    against_in_full,
    beginnings,
    full_shipping,
    in_full,
    once_more,
    pace_sentence,
    share_sentence,
    shipping_sentence,
    still_cheaper,
    total_sentence,
)
from mangaassist.models.writers.offline.wording import beside, bold, joined, name, paragraphs, series_name

INTENT: Final = Intent.PRODUCT_QUESTION
MOST_ACTS: Final = 4
Answer = Callable[[Sequence[Subject], WritingTask, Phrasing], str]


def compose(task: WritingTask, phrasing: Phrasing) -> str:
    """What was taken for granted and is not so, then every act in order."""
    if not task.evidence.products:
        return _without_product(task, phrasing)
    if dear := too_dear(task, phrasing):
        return dear
    volumes = any(target.volume is not None for target in task.meaning.targets)
    goes_on = all(act in _OF_THE_SERIES or (act is Act.TOTAL and not volumes) for act in _asked(task))
    there = [one for one in _spoken_of(task) if goes_on or not one.is_missing]
    if task.meaning.premise == "sequel" and there and not set(_asked(task)) & {Act.READING_ORDER, Act.START}:
        return _premise(task, phrasing)
    lacking = "" if goes_on else paragraphs(missing_volumes(task, phrasing), _other_editions(task, phrasing))
    first = paragraphs(lacking, _premise(task, phrasing))
    if not there:
        return first or _without_product(task, phrasing)
    answers = [_told(act, there, task, phrasing) for act in _asked(task)]
    told = _flow([_assumed(task, there[0], phrasing), *answers], there)
    return paragraphs(first, told or untold.detail(there, task, phrasing))


def _told(act: Act, there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    """What was supposed of the book is said yes or no to; else what a guide of the store says of the very thing that is
    asked comes before what the catalog knows beside it."""
    if told := claims_in_words.verdict(act, there, task):
        return told
    weighs_editions = act is Act.COMPARE and (len(there) > 1 or there[0].target.format is not None)
    beside_other = act is Act.AUTHOR and task.meaning.asks(Act.DETAIL)  # the guide would speak of the other question
    if act in guides.GUIDED and not (weighs_editions or beside_other) and (said := guides.said(act, there[0], task)):
        begins = act in (Act.START, Act.READING_ORDER) and act not in task.state.acts
        return paragraphs(said, _ANSWERS[act](there, task, phrasing) if begins else "")
    told = _ANSWERS.get(act, untold.detail)(there, task, phrasing)
    beside = guides.makers_now(there[0], task) if act is Act.AUTHOR and len(there) == 1 else ""
    return f"{told} {beside}".rstrip()


def _spoken_of(task: WritingTask) -> tuple[Subject, ...]:
    """Without anything named, the first thing that was found."""
    return by_series(task) if task.meaning.targets else by_series(task)[:1]


def _assumed(task: WritingTask, subject: Subject, phrasing: Phrasing) -> str:
    if task.meaning.targets:
        return ""
    return phrasing.say("product_question.assumed", title=series_name(subject.known.product))


def _other_editions(task: WritingTask, phrasing: Phrasing) -> str:
    """That an edition is not there, and which there are."""
    lacking = [one for one in by_series(task) if one.is_missing and one.target.format is not None]
    return paragraphs(*(editions.editions(one, task, phrasing) for one in lacking if one.target.volume is None))


def offer_next(task: WritingTask, phrasing: Phrasing) -> str:
    """One question about the same series that "yes" answers, or nothing."""
    there = _spoken_of(task)
    acts = _asked(task)
    if len(there) != 1 or len(acts) != 1 or there[0].is_missing or not may_offer(task, phrasing):
        return ""
    return after_fact(acts[0], there[0], phrasing)


def suggestions(task: WritingTask) -> Iterator[str]:
    """What others ask of the same book and this message did not."""
    products = task.evidence.products
    if not products:
        yield from ("Recommend me something", "What's on offer right now?")
        return
    known, asked = products[0], acts_of(task, INTENT)
    offered = (Act.STOCK, Act.ABOUT, Act.REVIEWS, Act.VOLUMES, Act.FINISHED)
    several = known.product.series_volumes > 1
    yield from (
        ACTS[act].example for act in offered if act not in asked and (several or act not in (Act.VOLUMES, Act.FINISHED))
    )
    yield f"What should I read after {known.product.series_title}?"


def _asked(task: WritingTask) -> tuple[Act, ...]:
    """The acts, without those that another one's answer tells as well."""
    acts = acts_of(task, INTENT)[:MOST_ACTS]
    ahead = [act for act in acts if act is not Act.DETAIL or act is acts[0]]  # what is told before it stays told
    told = {covered for act in ahead for covered in _TELLS_ALSO.get(act, ())}
    return tuple(act for act in acts if act not in told) or acts[:1] or (Act.ABOUT,)


def _flow(answers: Iterable[str], there: Sequence[Subject]) -> str:
    """Sentences about one series in one paragraph, "it" for the second mention; lists stand by themselves."""
    said = list(dict.fromkeys(filter(None, answers)))
    if len(there) != 1 or any("\n" in answer for answer in said):
        return beside(said)
    names = {form for one in there for form in (name(one.known.product), series_name(one.known.product))}
    return " ".join(_again(said, names))


def _again(sentences: Iterable[str], names: set[str]) -> Iterator[str]:
    """Whichever name was said last is "it" the next time. What is said of the stock keeps its name: it is checked by it."""
    subject = ""
    for text in sentences:
        full = next((one for one in names if text.startswith(f"{one} ")), "")
        keeps = " stock" in text or " order" in text
        yield _it(text.removeprefix(full)) if full and full == subject and not keeps else text
        subject = max(names, key=text.rfind) if any(one in text for one in names) else subject


def _it(predicate: str) -> str:
    return f"It's{predicate.removeprefix(' is')}" if predicate.startswith(" is ") else f"It{predicate}"


def _premise(task: WritingTask, phrasing: Phrasing) -> str:
    """What the message takes for granted about a series and the catalog knows better."""
    there = subjects(task)
    if not there:
        return ""
    known = there[0].known
    if task.meaning.premise == "volumes" and not task.meaning.asks(Act.VOLUMES, Act.FINISHED, Act.LATEST):
        return TELLERS[Act.VOLUMES](known, task)
    if task.meaning.premise == "offer" and task.evidence.promotions:
        covered = any(fit.covers and known.asin in fit.asins for fit in task.evidence.derived.offers)
        return "" if covered else denials.PREMISED_OFFER.told(task, phrasing)
    if task.meaning.premise == "edition":
        return editions.no_special_edition(there[0], task, phrasing)
    if task.meaning.premise == "sequel":
        return denials.SEQUEL.told(task, phrasing, name=series_name(known.product))
    return ""


def _without_product(task: WritingTask, phrasing: Phrasing) -> str:
    """Which book, or that the catalog cannot be reached; what a page says where it can stand in."""
    is_open = task.meaning.asks(Act.DETAIL)  # what no act asks, any page may seem to answer
    if task.evidence.failed("catalog"):
        silent = is_open or set(acts_of(task, INTENT)) & _CATALOG_ALONE
        said = "" if silent else of_the_book(task)
        return paragraphs("I can't reach our catalog just now, so I can't look the book up.", said, AGAIN)
    found = None if is_open else passage(task)
    said = f"From our page “{found.chunk.title}”: {found.text}" if found and found.fit >= ENOUGH_FIT else ""
    if said:
        return said
    if task.meaning.targets or task.meaning.seeks.words:
        return denials.UNHEARD.told(task, phrasing)
    if task.meaning.unknown and not task.meaning.asks(Act.DETAIL):
        return denials.TITLE.told(task, phrasing)
    if task.meaning.asks(Act.DETAIL):
        told = denials.UNTOLD_STORY if task.meaning.untold == "story" else denials.UNTOLD_BOOKLESS
        return told.told(task, phrasing)
    phrasing.ask_for("product")
    shown = dict.fromkeys(bold(one.series_title or one.title) for one in task.state.shown if one.told and one.asin)
    if len(shown) > 1:
        return phrasing.say("product_question.which_of", titles=joined(shown, "or"))
    return phrasing.say("product_question.which")


def _of_each(act: Act) -> Answer:
    """One fact of each series that is named."""

    def told(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
        return beside(fact(act, one.known, task, phrasing) for one in there[:MOST_SUBJECTS])

    return told


def _each(tell: Callable[[ProductEvidence, WritingTask, Phrasing], str]) -> Answer:
    def told(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
        return beside(tell(one.known, task, phrasing) for one in there[:MOST_SUBJECTS])

    return told


def _age_fits(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    return opinions.age_fits([one.known for one in there[:MOST_SUBJECTS]], task, phrasing)


def _way(tell: Callable[[Subject, WritingTask, Phrasing], str]) -> Answer:
    def told(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
        return beside(tell(one, task, phrasing) for one in there[:MOST_SUBJECTS])

    return told


def _of_books(act: Act) -> Answer:
    """A fact of every book that is named."""

    def told(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
        books = [known for one in there for known in _meant(one)]
        return beside(fact(act, known, task, phrasing) for known in books[: 2 * MOST_SUBJECTS])

    return told


def _meant(subject: Subject) -> tuple[ProductEvidence, ...]:
    """The books that are named; of a series as a whole, its first."""
    is_named = subject.target.volume is not None or subject.target.asin is not None or subject.target.format is not None
    return subject.products if is_named else subject.products[:1]


def _price(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    books = _books(there)
    at_hand = stocks(books, task) if len(books) > 1 and task.meaning.asks(Act.STOCK) and not not_at_hand(books) else ""
    told = (
        prices(books, task),
        capital(at_hand.removeprefix("Yes, ")),
        total_sentence(task),
        offer_sentence(books, task),
        _in_other_money(task, phrasing),
    )
    return " ".join(filter(None, told))


def _in_other_money(task: WritingTask, phrasing: Phrasing) -> str:
    if task.meaning.untold != "currency":
        return ""
    code = task.evidence.facts.currency or "USD"
    return phrasing.say("product_question.currency", currency=_CURRENCIES.get(code, code))


_CURRENCIES: Final = {"USD": "US dollars", "EUR": "euros", "GBP": "pounds", "JPY": "yen", "CAD": "Canadian dollars"}


def _total(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    """The sum first, then what it is made of; of a whole series, how to own it for less."""
    if bought := affordable_sentence(task) or once_more(task):
        return bought
    if shared := share_sentence(task):
        return shared
    if held := against_in_full(task):
        return held
    if whole := in_full(task):
        return paragraphs(whole, full_shipping(task) or beginnings(task))
    books, total = _books(there), task.evidence.derived.total
    is_whole = total is not None and len(total.lines) > len(books)
    partly = task.meaning.reckoning.without or task.meaning.reckoning.last_few
    parts = "" if is_whole and partly else editions.set_or_singles_sentence(task) if is_whole else prices(books, task)
    told = still_cheaper(task) if partly else parts or prices(books, task)
    return " ".join(
        filter(None, (pace_sentence(task), total_sentence(task), exact_set(task), shipping_sentence(task), told))
    )


def _books(there: Sequence[Subject]) -> list[ProductEvidence]:
    return [known for one in there for known in _meant(one)]


def _stock(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    return stocks(_books(there), task)


def _notify(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    """How a stock alert is set, by the store's own page."""
    known = there[0].known
    state = restock(known, task, phrasing)
    if known.stock is not None and known.stock.state in AT_HAND:
        return state
    pages = [scored for scored in task.evidence.chunks if scored.chunk.source_type in ("faq", "policy")]
    found = passage(task, pages=pages[:1])
    how = found.text if found else phrasing.say("product_question.notify")
    return f"{state} {how}"


def _content(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    told = opinions.contents([one.known for one in there], task, phrasing)
    words = joined([f"“{word}”" for word in task.meaning.seeks.unnamed], "or")
    unsure = denials.UNCHECKED.told(task, phrasing, what=words) if words else ""
    return paragraphs(told, unsure) if "\n" in told else f"{told} {unsure}".rstrip()


def _compare(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    return comparisons.compare(there, task, phrasing) or editions.editions(there[0], task, phrasing)


def _editions(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    """Of several books one verdict comes first: which of them are there in the edition that is asked for."""
    return editions.among(there, task, phrasing) or _way(editions.editions)(there, task, phrasing)


_ANSWERS: Final[dict[Act, Answer]] = {
    **{act: _of_each(act) for act in TELLERS},
    Act.FINISHED: standing.finished,
    Act.PAGES: _of_books(Act.PAGES),
    Act.ISBN: _of_books(Act.ISBN),
    Act.PRICE: _price,
    Act.TOTAL: _total,
    Act.STOCK: _stock,
    Act.RESTOCK: _each(restock),
    Act.NOTIFY: _notify,
    Act.LATEST: _way(reading_paths.latest),
    Act.UPCOMING: _way(reading_paths.upcoming),
    Act.WHICH_VOLUME: _way(reading_paths.which_volume),
    Act.NEXT_VOLUME: _way(reading_paths.next_volume),
    Act.START: _way(reading_paths.start),
    Act.READING_ORDER: _way(reading_paths.reading_order),
    Act.TRANSLATOR: _each(translator),
    Act.ADAPTATION: _each(adaptation),
    Act.EDITION: _editions,
    Act.SET_OR_SINGLES: _way(editions.set_or_singles),
    Act.COMPARE: _compare,
    Act.REVIEWS: _each(opinions.reviews),
    Act.WORTH_IT: _each(opinions.worth_it),
    Act.CONTENT: _content,
    Act.AGE_FIT: _age_fits,
    Act.HAVE_READ: _each(opinions.have_read),
    Act.DETAIL: untold.detail,
}
_TELLS_ALSO: Final[dict[Act, tuple[Act, ...]]] = {
    Act.PRICE: (Act.STOCK,),
    Act.TOTAL: (Act.PRICE,),
    Act.EDITION: (Act.PRICE, Act.SET_OR_SINGLES),
    Act.SET_OR_SINGLES: (Act.PRICE, Act.TOTAL),
    Act.COMPARE: (Act.PRICE, Act.SET_OR_SINGLES, Act.EDITION),
    Act.LATEST: (Act.PRICE, Act.STOCK, Act.VOLUMES),
    Act.NEXT_VOLUME: (Act.PRICE, Act.STOCK),
    Act.UPCOMING: (Act.LATEST, Act.STOCK, Act.NEXT_VOLUME, Act.YEAR),
    Act.WHICH_VOLUME: (Act.VOLUMES, Act.LATEST, Act.START),
    Act.FINISHED: (Act.VOLUMES,),
    Act.READING_ORDER: (Act.START,),
    Act.RESTOCK: (Act.STOCK,),
    Act.NOTIFY: (Act.STOCK, Act.RESTOCK),
    Act.WORTH_IT: (Act.REVIEWS,),
    Act.DETAIL: (Act.EDITION, Act.AUTHOR, Act.ABOUT, Act.PRICE, Act.STOCK, Act.CONTENT, Act.PUBLISHER, Act.ADAPTATION),
}
_OF_THE_SERIES: Final = frozenset(act for act, row in ACTS.items() if row.topic == "series") - {Act.ABOUT}
"""Acts that look past the volume that is named, so that the evidence may be without it."""
_CATALOG_ALONE: Final = frozenset(
    {Act.PRICE, Act.STOCK, Act.RESTOCK, Act.PAGES, Act.ISBN, Act.EDITION, Act.LANGUAGE, Act.TOTAL}
)
"""What no page of ours can answer in the catalog's place."""
