"""The assistant otherwise than it is installed: one model behind every tier, or a part left out; and the two compared (E-1)."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.domain.encoding import Encoded, Encoder, Vectors
from mangaassist.errors import BadInput, ModelFailure
from mangaassist.evaluation.dialogues import Judged, share_right, written_by
from mangaassist.settings import Model, Models, Settings, Understanding


class Variant(Struct, frozen=True):
    """What is changed: ``settings`` name the models, ``encoder`` reads the messages, pages are reranked or not; ``instead``
    says what stands in for a part that is left out."""

    name: str
    settings: Callable[[Settings], Settings] = lambda settings: settings
    encoder: Callable[[Encoder], Encoder] = lambda encoder: encoder
    reranks: bool = True
    instead: str = ""


class _Behind:
    """An encoder that does part of what another one does."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.dimensions, self.max_tokens, self.digest = encoder.dimensions, encoder.max_tokens, encoder.digest

    @property
    def reader(self) -> Encoder:
        return self

    async def read(self, texts: Sequence[str]) -> Encoded:
        return await self.encoder.read(texts)

    async def encode(self, texts: Sequence[str]) -> Vectors:
        return await self.encoder.encode(texts)

    async def encode_many(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        return await self.encoder.encode_many(texts, progress)

    def spans(self, text: str) -> list[tuple[int, int]]:
        return self.encoder.spans(text)


class NoEncoder(_Behind):
    """Reads no message; what is in the index stays there."""

    async def encode(self, texts: Sequence[str]) -> Vectors:
        raise ModelFailure("encoder", "left out of this evaluation")

    async def read(self, texts: Sequence[str]) -> Encoded:
        raise ModelFailure("encoder", "left out of this evaluation")


class NoClassifier(_Behind):
    """Finds, and knows nothing of intents and acts."""

    async def read(self, texts: Sequence[str]) -> Encoded:
        return Encoded(await self.encoder.encode(texts), None)


def _with(small: Callable[[Models], Model], large: Callable[[Models], Model]) -> Callable[[Settings], Settings]:
    def changed(settings: Settings) -> Settings:
        models = settings.models
        return replace(settings, models=replace(models, small=small(models), large=large(models)))

    return changed


def _best(models: Models) -> Model:
    """The large tier's model; where it has none of its own, that of the small one writes for it."""
    return models.large if models.large.provider != "offline" else models.small


_OFFLINE: Final = _with(lambda _: Model(), lambda _: Model())

INSTALLED: Final = Variant("installed")
TIERS: Final[Mapping[str, Variant]] = {
    "small": Variant("small", _with(lambda models: models.small, lambda models: models.small)),
    "large": Variant("large", _with(_best, _best)),
    "offline": Variant("offline", _OFFLINE),
}
WITHOUT: Final[Mapping[str, Variant]] = {
    "encoder": Variant(
        "without encoder", encoder=NoEncoder, instead="rules and dialogue read, and pages are found by their words"
    ),
    "classifier": Variant("without classifier", encoder=NoClassifier, instead="rules and dialogue read"),
    "model": Variant("without model", _OFFLINE, instead="the offline writer writes"),
    "reader": Variant(
        "without reader",
        lambda settings: replace(settings, understanding=Understanding()),
        instead="our own reading stands",
    ),
    "reranker": Variant("without reranker", reranks=False, instead="pages stand as the search puts them"),
}
"""Every fallback (M-11). What each loses is its line in docs/models.md, "Is the small one good enough?"."""


class Chosen(Struct, frozen=True):
    """Tiers and parts left out, by their names; ``sample`` is how many dialogues are played, None for all."""

    tiers: Sequence[str] = ()
    without: Sequence[str] = ()
    sample: int | None = None
    local_model: bool = False
    """Whether the small model on this machine stands behind every tier that has none."""


def variants(chosen: Chosen) -> list[Variant]:
    """Those that are asked for, else the assistant as it is installed, which a part left out is always compared with.

    Raises ``BadInput`` for a name that is none.
    """
    parts = [*_named("part", WITHOUT, chosen.without)]
    tiers = [*_named("tier", TIERS, chosen.tiers)]
    return [*tiers, *parts] if tiers else [INSTALLED, *parts]


def _named(what: str, known: Mapping[str, Variant], names: Sequence[str]) -> Iterator[Variant]:
    for name in names:
        if name not in known:
            raise BadInput("unknown_variant", f"There is no {what} {name!r}; there are {', '.join(known)}.")
        yield known[name]


def compared(played: Mapping[str, Sequence[Judged]]) -> dict[str, Any]:
    """The same dialogues as each variant answers them, by its name, beside each other: the share that is right, who wrote, and
    how many are right by intent.

    A turn counts for one intent whatever a variant makes of it: the one that is expected, else the one that the first variant
    understands. Else a variant that misunderstands a message would take it out of its line.
    """
    first = next(iter(played.values()))
    intents = [one.dialogue.turns[one.place - 1].expect.intent or one.heard.intent for one in first]
    right = {
        name: Counter(intent for intent, one in zip(intents, judged, strict=True) if not one.missed)
        for name, judged in played.items()
    }
    return {
        "n_turns": len(first),
        "share_right": {name: share_right(judged) for name, judged in played.items()},
        "written_by": {name: written_by(judged) for name, judged in played.items()},
        "by_intent": {
            intent: {"n_turns": n, **{name: counted[intent] for name, counted in right.items()}}
            for intent, n in sorted(Counter(intents).items())
        },
    }
