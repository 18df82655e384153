"""The generations of the knowledge in an OpenSearch: an index for each, and three aliases that are moved in one step (K-3).

`NAME-built` stands on every generation that is whole, `NAME-chosen` on one of each encoder, `NAME` on the one that was told
last to serve. Re-embedding goes into an
index beside, and the swap is the move of the aliases; whoever goes back to the former encoder finds its index as it was. Each
process searches the index of its own encoder: nobody can compare the vectors of another.
"""

import contextlib
import itertools
import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

from msgspec import Struct, field

from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.generations import FORMER_KEPT, Generation
from mangaassist.stores.opensearch import bulk
from mangaassist.stores.opensearch.chunk_index import OpenSearchChunkIndex
from mangaassist.stores.opensearch.engine import Engine
from mangaassist.stores.opensearch.making import made, starting, template
from mangaassist.stores.opensearch.queries import SCALE
from mangaassist.stores.opensearch.replacing import Operation

FORMAT: Final = 2
"""Of what is kept. Another one is another generation: it is made anew beside."""
DIGEST: Final = re.compile(r"[0-9a-f]{16}")
SEEN: Final = "*.aliases,*.mappings._meta,*.settings.index.creation_date"


class _Meta(Struct, frozen=True):
    model: str = ""
    format: int = 0


class _Mappings(Struct, frozen=True):
    meta: _Meta = field(name="_meta", default=_Meta())


class _IndexSettings(Struct, frozen=True):
    creation_date: str = "0"


class _Settings(Struct, frozen=True):
    index: _IndexSettings = _IndexSettings()


class _Index(Struct, frozen=True):
    aliases: dict[str, Any] = {}
    mappings: _Mappings = _Mappings()
    settings: _Settings = _Settings()


class _Done(Struct, frozen=True):
    acknowledged: bool = True


class Shape(Struct, frozen=True, kw_only=True):
    """Of each index of chunks that is made."""

    shards: int = 1
    replicas: int = 1


class OpenSearchGeneration:
    def __init__(self, store: "OpenSearchGenerations", index: str, model: str, *, is_built: bool, since: int) -> None:
        """``since``: when its index was made, milliseconds since 1970; 0 where it is still to be made."""
        self._store = store
        self.index = index
        self.model = model
        self.is_built = is_built
        self.since = since

    @property
    def name(self) -> str:
        return self.index

    async def mark_built(self) -> None:
        await self._store.serve(self, is_built=True)
        self.is_built = True

    def held(self) -> contextlib.AbstractContextManager[object]:
        return contextlib.nullcontext()  # of several that write the same document the newest version wins

    async def followed(self, timeout_factor: float) -> OpenSearchChunkIndex:
        """As ``opened``: whoever writes, all of them see it."""
        return await self._store.opened(self, looks=False)

    async def opened(self, timeout_factor: float) -> OpenSearchChunkIndex:
        """``timeout_factor`` is that of the engine. Raises ``StartFailed``, saying what to do."""
        return await self._store.opened(self, looks=True)


class OpenSearchGenerations:
    """Those of a name. Methods are those of ``GenerationStore``."""

    def __init__(self, engine: Engine, name: str, shape: Shape | None = None) -> None:
        self._engine = engine
        self._name = name
        self._shape = shape or Shape()

    async def of(self, dimensions: int, digest: str) -> OpenSearchGeneration:
        model = f"{digest}/{dimensions}"
        with starting(self._engine.url):
            kept = await self._kept()
        return self._chosen(kept, model) or self._to_be_made(kept, model)

    async def is_chosen(self, generation: Generation) -> bool:
        chosen = self._chosen(await self._kept(), generation.model)
        return chosen is None or chosen.name == generation.name

    async def beside(self, current: Generation) -> OpenSearchGeneration:
        with starting(self._engine.url):
            kept = await self._kept()
        begun = (one for one in self._generations(kept) if one.model == current.model and not one.is_built)
        return next((one for one in begun if one.name != current.name), None) or self._to_be_made(kept, current.model)

    async def before(self, current: Generation) -> OpenSearchGeneration | None:
        whole = [one for one in await self.every() if one.is_built and one.model == current.model]
        return max((one for one in whole if one.name != current.name), key=lambda one: one.since, default=None)

    async def former_of(self, current: Generation) -> OpenSearchGeneration | None:
        with starting(self._engine.url):
            kept = await self._kept()
        whole = [one for one in self._generations(kept) if one.is_built and one.model != current.model]
        return max(whole, key=lambda one: (self._name in kept[one.index].aliases, one.since), default=None)

    async def every(self) -> Sequence[OpenSearchGeneration]:
        with starting(self._engine.url):
            return self._generations(await self._kept())

    async def settle_on(self, current: Generation) -> None:
        """One that is not whole takes nobody's place yet, and removes none."""
        mine = next((one for one in await self.every() if one.name == current.name and one.is_built), None)
        if mine is None:
            return
        with contextlib.suppress(ServiceFailure):  # what cannot be moved or removed now is at another start
            await self.serve(mine, is_built=False)
            others = [one for one in await self.every() if one.index != mine.index]
            for one in sorted(others, key=lambda one: -one.since)[FORMER_KEPT:]:
                await self._engine.ask("DELETE", f"/{one.index}", _Done)

    async def serve(self, generation: OpenSearchGeneration, *, is_built: bool) -> None:
        """Point the alias to this one, in one step with taking it from any other and with marking it as whole."""
        kept = await self._kept()
        before = [index for index, one in kept.items() if self._name in one.aliases and index != generation.index]
        moved = [{"remove": {"index": index, "alias": self._name}} for index in before]
        if is_built:
            others = [one.index for one in self._generations(kept) if one.model == generation.model]
            chosen = [one for one in others if one != generation.index and self._choice in kept[one].aliases]
            moved += [{"remove": {"index": index, "alias": self._choice}} for index in chosen]
        names = (self._name, self._whole, self._choice) if is_built else (self._name,)
        added = [{"add": {"index": generation.index, "alias": alias}} for alias in names]
        await self._engine.ask("POST", "/_aliases", _Done, body={"actions": [*moved, *added]})

    async def opened(self, generation: OpenSearchGeneration, *, looks: bool) -> OpenSearchChunkIndex:
        """Its index, made where there is none yet."""
        dimensions = int(generation.model.rpartition("/")[2])
        with starting(self._engine.url):
            await made(self._engine, generation.index, self._chunks(generation.model, dimensions))
            await self._scaled(generation.index)
            return await OpenSearchChunkIndex.open(self._engine, generation.index, dimensions, looks=looks)

    @property
    def _whole(self) -> str:
        return f"{self._name}-built"

    @property
    def _choice(self) -> str:
        return f"{self._name}-chosen"

    def _chosen(self, kept: Mapping[str, _Index], model: str) -> OpenSearchGeneration | None:
        """Of one encoder's the one that was chosen last, else one that is whole, else one that was begun."""
        found = [one for one in self._generations(kept) if one.model == model]
        return max(
            found,
            key=lambda one: (self._choice in kept[one.index].aliases, one.is_built, one.since),
            default=None,
        )

    def _to_be_made(self, kept: Mapping[str, _Index], model: str) -> OpenSearchGeneration:
        digests = (
            blake2b(f"{FORMAT}/{model}{again or ''}".encode(), digest_size=8).hexdigest() for again in itertools.count()
        )
        index = next(name for digest in digests if (name := f"{self._name}-{digest}") not in kept)
        return OpenSearchGeneration(self, index, model, is_built=False, since=0)

    async def _kept(self) -> Mapping[str, _Index]:
        """The indexes of this name, and of no longer one that begins with it, that are of this format."""
        params = {"filter_path": SEEN}
        found = await self._engine.ask("GET", f"/{self._name}-*", dict[str, _Index], params=params)
        named = {index: one for index, one in found.items() if DIGEST.fullmatch(index.removeprefix(f"{self._name}-"))}
        return {index: one for index, one in named.items() if one.mappings.meta.format == FORMAT}

    def _generations(self, kept: Mapping[str, _Index]) -> list[OpenSearchGeneration]:
        return [
            OpenSearchGeneration(
                self,
                index,
                one.mappings.meta.model,
                is_built=self._whole in one.aliases,
                since=int(one.settings.index.creation_date),
            )
            for index, one in sorted(kept.items())
        ]

    def _chunks(self, model: str, dimensions: int) -> dict[str, Any]:
        body = template("chunks")
        body["mappings"]["_meta"] = {"model": model, "format": FORMAT}
        body["mappings"]["properties"]["vector"]["dimension"] = dimensions
        body["settings"]["index"] |= {
            "number_of_shards": self._shape.shards,
            "number_of_replicas": self._shape.replicas,
        }
        return body

    async def _scaled(self, index: str) -> None:
        """The one text whose BM25 is known is there, and found."""
        known = Operation("create", {"_id": SCALE}, {SCALE: SCALE})
        await bulk.sent(self._engine, index, [known], refresh=True)
