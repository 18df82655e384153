"""A model's reading made a ``Meaning`` of ours, as far as anybody can believe it (M-2, T-4, T-5).

Whatever it names has to be there: a reference that it was shown, a title that the catalog has, an order that was typed, a kind that
the lexicon knows or the shopper's own word. What it does not name is what our own rules read: numbers, orders, codes, days, places.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState, Target
from mangaassist.domain.meaning import HeardAct, Meaning
from mangaassist.domain.reading import READABLE, ModelReading
from mangaassist.domain.wishes import Range
from mangaassist.understanding.references import distinct, focus
from mangaassist.understanding.scene import NO_SCENE, Scene
from mangaassist.understanding.state import merge
from mangaassist.understanding.utterance import Limits, Mention, MentionKind, Role, Utterance
from mangaassist.understanding.wish_merging import LABEL_KINDS

BELIEVED: Final = 0.9
"""What an act counts that a model read, once all that it names is there."""
SAME_TITLE: Final = 0.99
"""A model that misspells a title may mean another one."""

Read = Callable[[str], Utterance]


class Ungrounded(Exception):
    """It names what is not there: ``what`` of the reading, and nothing of what was named."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def meaning_of(
    reading: ModelReading, own: Utterance, read: Read, state: DialogueState, scene: Scene = NO_SCENE
) -> Meaning:
    """The message as the model reads it. ``own`` is what our rules read of it, ``read`` reads a name. Raises ``Ungrounded``."""
    if not all(act in READABLE for act in reading.acts):
        raise Ungrounded("acts")
    heard = tuple(HeardAct(act, BELIEVED, "model") for act in dict.fromkeys(reading.acts))
    names = _Names(read, scene)
    about = tuple(_about(reading, _known(state, scene), names))
    utterance = _as_read(reading, own, names, state, tuple(target for target, _ in about))
    meaning = merge(state, utterance, scene, decided=heard)
    leans = reading.goes_on or any(is_reference for _, is_reference in about)
    return structs.replace(meaning, is_follow_up=leans and bool(state.acts))


def _known(state: DialogueState, scene: Scene) -> Mapping[str, Target]:
    """By the references that the model was shown."""
    return {
        **{f"f{place}": target for place, target in enumerate(focus(state, scene), 1)},
        **{f"s{place}": card.target() for place, card in enumerate(state.shown, 1)},
        **({"page": scene.page} if scene.page is not None else {}),
    }


class _Names(Struct, frozen=True):
    """What a name is: by the catalog's own titles, and by the lexicon."""

    read: Read
    scene: Scene

    def series(self, name: str, what: str) -> str:
        """The id of the one series that the catalog has by this name."""
        titled = [one for one, title in self.scene.titles.items() if title.casefold() == name.casefold()]
        if len(titled) == 1:
            return titled[0]
        found = {one.value: one.score for one in self.read(name).mentions if one.kind == "series"}
        series_id, score = next(iter(found.items()), ("", 0.0))
        if len(found) != 1 or score < SAME_TITLE:
            raise Ungrounded(what)
        return series_id

    def kinds(self, name: str) -> list[Mention]:
        return [one for one in self.read(name).mentions if one.kind in LABEL_KINDS - {"series"}]


def _about(reading: ModelReading, known: Mapping[str, Target], names: _Names) -> Iterator[tuple[Target, bool]]:
    """Each with whether it was named by a reference."""
    for name in reading.about:
        if (target := known.get(name.lower())) is not None:
            yield structs.replace(target, format=reading.edition or target.format), True
        else:
            yield Target(series_id=names.series(name, "about"), format=reading.edition), False


def _as_read(
    reading: ModelReading, own: Utterance, names: _Names, state: DialogueState, targets: tuple[Target, ...]
) -> Utterance:
    """The message's own facts with what the model makes of the rest."""
    kinds, words = _kinds(reading, own, names)
    asks_more = Act.DETAIL in reading.acts
    return structs.replace(
        own,
        mentions=(*_facts(own), *_titles(targets), *kinds, *_likes(reading, names), *_orders(reading, own, state)),
        targets=distinct(targets),
        volumes=tuple(reading.volumes) or (() if targets else own.volumes),
        formats=(reading.edition,) if reading.edition is not None else (),
        limits=_limits(reading, own.limits),
        pointers=(),
        apart=(),
        splits=(),
        readers=(),
        words=own.words if asks_more else words,
        telling=own.telling if asks_more else words,
        is_fragment=reading.goes_on and not targets,
    )


def _facts(own: Utterance) -> Iterator[Mention]:
    """What is no kind of book: orders, codes, places, people; and what the shopper knows already."""
    return (one for one in own.mentions if one.kind not in LABEL_KINDS or one.role in ("read", "owned"))


def _titles(targets: tuple[Target, ...]) -> Iterator[Mention]:
    return (_mention("series", one.series_id, one.title, "named") for one in targets if one.series_id)


def _kinds(reading: ModelReading, own: Utterance, names: _Names) -> tuple[tuple[Mention, ...], tuple[str, ...]]:
    """What is wanted and unwanted as the catalog calls it, and what is wanted in words of the shopper's own."""
    found: list[Mention] = []
    words: list[str] = []
    roles: tuple[tuple[Role, Sequence[str]], ...] = (("wanted", reading.wanted), ("unwanted", reading.unwanted))
    for role, told in roles:
        for name in told:
            labels = names.kinds(name)
            found += (structs.replace(one, role=role, said=name, start=0, end=0) for one in labels)
            if not labels:
                words += _typed(names.read(name), own, role)
    return tuple(found), tuple(dict.fromkeys(words))


def _typed(said: Utterance, own: Utterance, role: Role) -> Sequence[str]:
    """What no label covers describes what is wanted where the shopper said it; what is unwanted nobody could keep out by it."""
    if role != "wanted" or not said.stems or not set(said.stems) <= set(own.stems):
        raise Ungrounded(role)
    return said.words


def _likes(reading: ModelReading, names: _Names) -> Iterator[Mention]:
    for name in reading.like:
        yield _mention("series", names.series(name, "like"), name, "like")


def _orders(reading: ModelReading, own: Utterance, state: DialogueState) -> Iterator[Mention]:
    """Orders of the dialogue by their references; a number has to be one that our own rules read in the message."""
    known = {f"o{place}": number for place, number in enumerate(state.orders, 1)}
    typed = {one.value for one in own.mentions if one.kind == "order"}
    for name in reading.orders:
        if name.lower() in known:
            yield _mention("order", known[name.lower()], name, "named")
        elif name not in typed:
            raise Ungrounded("orders")


def _mention(kind: MentionKind, value: str, said: str, role: Role) -> Mention:
    return Mention(kind=kind, value=value, said=said, start=0, end=0, role=role)


def _limits(reading: ModelReading, own: Limits) -> Limits:
    """The shopper's own figures first: our rules read them by their words."""
    price = _range(reading.least_price, reading.most_price)
    volumes = _range(reading.least_volumes, reading.most_volumes)
    return structs.replace(
        own,
        price=price if own.price.is_open else own.price,
        volumes=volumes if own.volumes.is_open else own.volumes,
        finished=reading.finished if own.finished is None else own.finished,
        ordering=own.ordering or reading.ordering,
    )


def _range(least: float | None, most: float | None) -> Range:
    if least is not None and most is not None and least > most:
        raise Ungrounded("limits")
    return Range(_exact(least), _exact(most))


def _exact(bound: float | None) -> Decimal | None:
    return None if bound is None else Decimal(str(bound))
