"""The assistant otherwise than it is installed: one model behind every tier, or a part left out; and the two compared (E-1)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.domain.encoding import Encoded, Encoder, Vectors
from mangaassist.errors import BadInput, ModelFailure
from mangaassist.settings import Model, Models, Settings


class Variant(Struct, frozen=True):
    """What is changed: ``settings`` name the models, ``encoder`` reads the messages."""

    name: str
    settings: Callable[[Settings], Settings] = lambda settings: settings
    encoder: Callable[[Encoder], Encoder] = lambda encoder: encoder


class _Behind:
    """An encoder that does part of what another one does."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.dimensions, self.max_tokens, self.digest = encoder.dimensions, encoder.max_tokens, encoder.digest

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
    "encoder": Variant("without encoder", encoder=NoEncoder),
    "classifier": Variant("without classifier", encoder=NoClassifier),
    "model": Variant("without model", _OFFLINE),
}


class Chosen(Struct, frozen=True):
    """Tiers and parts left out, by their names."""

    tiers: Sequence[str] = ()
    without: Sequence[str] = ()


def variants(chosen: Chosen) -> list[Variant]:
    """Those that are asked for, else the assistant as it is installed. Raises ``BadInput`` for a name that is none."""
    found = [*_named("tier", TIERS, chosen.tiers), *_named("part", WITHOUT, chosen.without)]
    return found or [INSTALLED]


def _named(what: str, known: Mapping[str, Variant], names: Sequence[str]) -> Iterator[Variant]:
    for name in names:
        if name not in known:
            raise BadInput("unknown_variant", f"There is no {what} {name!r}; there are {', '.join(known)}.")
        yield known[name]


def compared(scores: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Scores of variants, by their names, beside each other: the share that is right, who wrote, and the same by intent."""
    intents = sorted({intent for one in scores.values() for intent in one["by_intent"]})
    return {
        "share_right": {name: one["share_right"] for name, one in scores.items()},
        "written_by": {name: one["written_by"] for name, one in scores.items()},
        "by_intent": {
            intent: {name: _of(one["by_intent"][intent]) for name, one in scores.items() if intent in one["by_intent"]}
            for intent in intents
        },
    }


def _of(counted: Mapping[str, int]) -> str:
    return f"{counted['turns_right']} of {counted['n_turns']}"
