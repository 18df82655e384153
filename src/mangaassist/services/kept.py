"""What the caller keeps of answers: whose they are, for how long, and that a cache that fails is nothing but a miss."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from mangaassist.domain.customers import Identity
from mangaassist.services.cache import Cache, Dated, Space, key_of
from mangaassist.services.policies import Policy, Service
from mangaassist.services.questions import Question


class Place(Struct, frozen=True):
    """Where one answer is kept."""

    question: Question
    space: Space
    key: str

    @property
    def name(self) -> str:
        """Its own among all places."""
        return f"{self.space.name}/{self.key}"


class Kept:
    """``failed`` hears of the service whose answers could not be looked up or kept."""

    def __init__(
        self,
        cache: Cache,
        policies: Mapping[Service, Policy],
        wall: Callable[[], datetime],
        failed: Callable[[Service], None],
    ) -> None:
        self._cache = cache
        self._policies = policies
        self._wall = wall
        self._failed = failed
        self._spaces: dict[Question, Space | None] = {}

    def place(self, question: Question, about: Any, identity: Identity) -> Place | None:
        """Where the answer to ``question`` about something is kept; None where it is not to be kept."""
        space = None if about is None else self._space(question)
        return space and Place(question, space, key_of(self._owner(question, identity), about))

    async def one(self, place: Place) -> Dated | None:
        return (await self._got(place.question, place.space, (place.key,))).get(place.key)

    async def keep(self, place: Place, value: Any, as_of: datetime) -> None:
        await self._put(place.question, place.space, {place.key: Dated(value, as_of)})

    async def each(self, question: Question, abouts: Iterable[str], identity: Identity) -> dict[str, Dated]:
        """What is kept of many answers to one question, by what each is about."""
        if (space := self._space(question)) is None:
            return {}
        owner = self._owner(question, identity)
        keys = {key_of(owner, about): about for about in abouts}
        found = await self._got(question, space, tuple(keys)) if keys else {}
        return {keys[key]: dated for key, dated in found.items()}

    async def keep_each(self, question: Question, values: Mapping[str, Any], identity: Identity) -> None:
        if (space := self._space(question)) is None or not values:
            return
        owner, as_of = self._owner(question, identity), self._wall()
        items = {key_of(owner, about): Dated(value, as_of) for about, value in values.items()}
        await self._put(question, space, items)

    def _space(self, question: Question) -> Space | None:
        if question not in self._spaces:
            ttl_s = self._policies[question.service].cache_ttl_s
            named = f"{question.service}.{question.name}"
            self._spaces[question] = None if ttl_s is None else Space(named, ttl_s, question.type)
        return self._spaces[question]

    def _owner(self, question: Question, identity: Identity) -> str | None:
        """Whose a kept answer is: None is everybody's."""
        return identity.customer_id if self._policies[question.service].cache_scope == "customer" else None

    async def _got(self, question: Question, space: Space, keys: tuple[str, ...]) -> dict[str, Dated]:
        try:
            return await self._cache.get_many(space, keys)
        except Exception:  # whatever it is, a cache is no reason to fail an answer
            self._failed(question.service)
            return {}

    async def _put(self, question: Question, space: Space, items: Mapping[str, Dated]) -> None:
        try:
            await self._cache.put_many(space, items)
        except Exception:  # the same
            self._failed(question.service)
