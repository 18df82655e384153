"""What answers have cost so far, and what the same answers would have cost had the large model written each (O-9)."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from mangaassist.wire.metadata import AnswerMetadata

TOKENS_IN: Final = 1500
TOKENS_OUT: Final = 120
"""What an answer takes that no model wrote, as long as fewer than ``LEAST`` of this process were written by one."""
LEAST: Final = 20

Priced = Callable[[int, int, int, int], float]
"""US dollars for tokens in, out, read from the prompt cache and written to it."""


class Spent(Struct):
    """Sums of one process, since it started. ``conversations`` counts those whose first answer was given here."""

    answers: int = 0
    by_models: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cache_read: int = 0
    cache_write: int = 0
    models_usd: float = 0.0
    conversations: int = 0
    provisioned_usd: float = 0.0
    """What calls of provisioned throughput would have cost on demand, by the token."""

    def note(self, answer: AnswerMetadata, begins: bool) -> None:
        """An answer that was saved; ``begins``: it is its conversation's first."""
        self.answers += 1
        self.conversations += begins
        self.models_usd += answer.cost_usd
        if answer.tokens_out:
            self.by_models += 1
            self.tokens_in += answer.tokens_in
            self.tokens_out += answer.tokens_out
            self.cache_read += answer.tokens_cache_read
            self.cache_write += answer.tokens_cache_write

    def merge(self, other: "Spent") -> None:
        """The sums of another process as well."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def all_large_usd(self, large: Priced) -> float:
        """What the large model would have cost for all of them.

        An answer that a model wrote is taken to need as many tokens of the large one; any other as many as those took in the mean.
        """
        written = large(self.tokens_in, self.tokens_out, self.cache_read, self.cache_write)
        others = self.answers - self.by_models
        if self.by_models >= LEAST:
            return written + others * written / self.by_models
        return written + others * large(TOKENS_IN, TOKENS_OUT, 0, 0)
