"""Counters whose server is away."""

from collections.abc import Collection
from typing import NoReturn

from mangaassist.domain.counting import Bucket


class Away:
    async def add(self, name: str, amount: float, window_s: float) -> NoReturn:
        raise ConnectionError

    async def totals(self, names: Collection[str]) -> NoReturn:
        raise ConnectionError

    async def take(self, name: str, bucket: Bucket) -> NoReturn:
        raise ConnectionError

    async def give_back(self, name: str, bucket: Bucket) -> NoReturn:
        raise ConnectionError

    async def ping(self) -> NoReturn:
        raise ConnectionError
