"""How an answer with a list begins: that a turn was heard ("not that one, then"), for whom, and for which wish."""

from collections.abc import Sequence
from typing import Final

from msgspec import structs

from mangaassist.domain.acts import Act
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.wishes import Wish
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.product_lines import is_headed_by_guide
from mangaassist.models.writers.offline.shelf_notes import capital
from mangaassist.models.writers.offline.wish_words import agreed, like_titles, reader_words, wish_words
from mangaassist.models.writers.offline.wording import bold, joined

_ORDERS: Final[dict[str, str]] = {
    "cheapest": "the least expensive first",
    "dearest": "the most expensive first",
    "best": "the best rated first",
    "newest": "the newest first",
    "oldest": "the oldest first",
    "shortest": "the shortest first",
    "longest": "the longest first",
    "underrated": "well rated by few readers so far",
}


def acknowledged(task: WritingTask, phrasing: Phrasing) -> str:
    """That something was turned down or is known already; empty where nothing was."""
    turned_down = [series for series in task.meaning.refused if series not in task.state.refused]
    if task.meaning.asks(Act.REJECT) or (turned_down and task.meaning.is_follow_up):
        return phrasing.say("recommendation.rejected")
    fresh = [series for series in task.meaning.read if series not in task.state.read]
    if not fresh or not task.meaning.is_follow_up:
        return ""
    titles = {shown.series_id: shown.series_title or shown.title for shown in task.state.shown}
    titles |= {target.series_id: target.title for target in task.meaning.targets if target.series_id}
    titles |= dict(task.meaning.titles)
    named = joined(bold(titles[series]) for series in fresh if titles.get(series))
    return phrasing.say("recommendation.known", title=named) if named else phrasing.say("recommendation.rejected")


def heading(task: WritingTask, phrasing: Phrasing, intent: str, picks: Sequence[ProductEvidence]) -> str:
    """The line over a list: heard, for whom, for what of the wish all of the picks keep."""
    wish = agreed(task.meaning.seeks, picks)
    liked = joined(map(bold, like_titles(wish, task)))
    words, reader = wish_words(wish, task), reader_words(wish.reader)
    if is_headed_by_guide(picks, task):
        return " ".join(filter(None, (acknowledged(task, phrasing), _by_guide(wish, task, phrasing))))
    if reader:
        kind = "_reader_wish" if words else "_reader"
    else:
        described = "_described" if wish.words else ""
        kind = (
            "_like"
            if liked and words == f"{task.evidence.facts.wares.many} like {liked}"
            else "_wish"
            if words
            else described
        )
    best = "best" if task.meaning.asks(Act.BEST_RATED) else ""
    ordered = "" if wish.like else _ORDERS.get(wish.ordering or best, "")
    if ordered and not words and not reader:
        return " ".join(filter(None, (acknowledged(task, phrasing), f"{capital(ordered)}:")))
    order = f", {ordered}" if words and ordered else ""
    said = phrasing.say(f"{intent}.opening{kind}", wish=f"{words}{order}", reader=reader, like=liked)
    if reader and ordered and not words:
        said = f"{said.removesuffix(':')}, {ordered}:"
    return " ".join(filter(None, (acknowledged(task, phrasing), not_sold(task, phrasing), capital(said))))


def _by_guide(wish: Wish, task: WritingTask, phrasing: Phrasing) -> str:
    """Which guide it is from, and of its limits what all of the picks keep."""
    assert wish.guide is not None
    reader, wares = reader_words(wish.reader), task.evidence.facts.wares.many
    added = tuple(label for label in wish.wanted if label.key not in wish.guide.covers)
    limits = wish_words(structs.replace(wish, wanted=added), task).removeprefix(wares).strip(" ,")
    for_whom = f"for {reader}" if reader else ""
    said = ", ".join(filter(None, (for_whom, limits)))
    key = "product_discovery.opening_guide_within" if said else "product_discovery.opening_guide"
    return capital(phrasing.say(key, guide=wish.guide.title, wish=said))


def not_sold(task: WritingTask, phrasing: Phrasing) -> str:
    """ "Harry potter" by itself asks for that: what is like it comes after the answer that it is not here."""
    titles = joined([f"“{work}”" for work in task.meaning.other_works], "or")
    return denials.NAMED_TITLES.told(task, phrasing, titles=titles) if titles else ""
