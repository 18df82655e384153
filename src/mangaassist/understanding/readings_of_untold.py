"""Readings of questions that no catalog answers: what happens in a book, how it is printed, who will like it (T-10)."""

from typing import Final

from mangaassist.domain.acts import ACTS, Act
from mangaassist.understanding.hearing import OF_ORDERS, Hearing
from mangaassist.understanding.readings import Reading


def asks_what_nobody_tells(h: Hearing) -> Reading:
    """ "Does she end up with kyo", "is the print big": what is known beside it is told, and no other question answered."""
    kind = h.utterance.untold
    ruled = {heard.act for heard in h.ruled if ACTS[heard.act].topic != "talk"}
    books = h.utterance.targets or h.resolved.targets or (h.state.targets if h.of_one_book else ())
    if kind == "story" and not books and not (ruled or h.wishes):
        return (Act.DETAIL,)
    if not kind or not books or len({one.series_id for one in books}) > 1 or ruled & OF_ORDERS:
        return ()
    if kind == "currency":
        return (Act.PRICE,) if ruled <= {Act.PRICE, Act.TOTAL, Act.CARRIES} else ()
    reader = h.said.reader
    if kind == "taste" and reader is not None and reader.is_child:
        return ()  # for whom there are ratings
    if kind in _OF_READERS:
        return (Act.WORTH_IT,)
    return (Act.DETAIL,) if ruled <= _NO_ANSWER_TO[kind] else ()


_OF_READERS: Final = frozenset({"going", "taste"})
"""What nobody knows, and readers' voices help with."""
_NO_ANSWER_TO: Final[dict[str, frozenset[Act]]] = {
    "cover": frozenset({Act.DETAIL, Act.CARRIES, Act.AUTHOR, Act.EDITION, Act.ABOUT, Act.AGE_FIT}),
    "story": frozenset({Act.DETAIL, Act.CARRIES, Act.LATEST, Act.ABOUT, Act.WHICH_VOLUME, Act.NEXT_VOLUME}),
    "making": frozenset({Act.DETAIL, Act.CARRIES, Act.PAGES, Act.EDITION}),
    "sold": frozenset({Act.DETAIL, Act.CARRIES, Act.VOLUMES}),
    "maker": frozenset({Act.DETAIL, Act.CARRIES, Act.AUTHOR, Act.BY_SAME_AUTHOR, Act.YEAR}),
}
"""What rules hear in such questions by a word of them; whatever else they hear is asked beside."""
