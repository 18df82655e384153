"""A small model's second opinion on what an answer is about: the language of its port (G-3 stage 6, G-5)."""

from typing import Protocol

from mangaassist.domain.writing import Usage


class OpinionCall(Protocol):
    """One answer that is being judged. ``usage`` tells at any time what it took so far."""

    @property
    def usage(self) -> Usage: ...

    async def read(self) -> bool | None:
        """Whether it is about something else than the store's matters; None for what is no opinion.

        Cancelled, the call ends at the provider. Raises ``ModelFailure``.
        """
        ...


class ScopeJudge(Protocol):
    """A small model that judges answers by what they are about."""

    @property
    def most_usd(self) -> float:
        """What one opinion may cost at most."""
        ...

    def asked(self, answer: str) -> OpinionCall:
        """Nothing is called before it is read."""
        ...
