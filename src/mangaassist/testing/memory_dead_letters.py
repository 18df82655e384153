"""Events set aside, in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from mangaassist.knowledge.dead_letters import LETTERS_KEPT, DeadLetter, kept


class MemoryDeadLetters:
    """Methods are those of ``DeadLetters``."""

    def __init__(self) -> None:
        self._letters: dict[str, DeadLetter] = {}
        """By id, the one that failed last at the end."""

    async def set_aside(self, letter: DeadLetter) -> None:
        letter = kept(letter)
        before = self._letters.pop(letter.letter_id, None)
        attempts = 1 if before is None else before.attempts + 1
        self._letters[letter.letter_id] = replace(letter, attempts=attempts)
        while len(self._letters) > LETTERS_KEPT:
            del self._letters[next(iter(self._letters))]

    async def newest(self, limit: int) -> Sequence[DeadLetter]:
        return [*self._letters.values()][::-1][:limit]

    async def counted(self) -> Mapping[str, int]:
        return Counter(letter.source for letter in self._letters.values())

    async def ask_again(self, letter_ids: Sequence[str] | None = None) -> int:
        asked = [one for one in self._letters if letter_ids is None or one in letter_ids]
        self._letters |= {one: replace(self._letters[one], is_due=True) for one in asked}
        return len(asked)

    async def due(self, limit: int) -> Sequence[DeadLetter]:
        return [letter for letter in self._letters.values() if letter.is_due][:limit]

    async def drop(self, letter_ids: Sequence[str]) -> None:
        for one in letter_ids:
            self._letters.pop(one, None)

    async def overtaken(self, source: str, versions: Mapping[str, int]) -> None:
        await self.drop(
            [
                one
                for one, letter in self._letters.items()
                if letter.source == source and letter.version <= versions.get(letter.document_id, -1)
            ]
        )

    async def ping(self) -> None: ...

    async def close(self) -> None: ...
