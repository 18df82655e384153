"""What a check finds, and how whatever went wrong while asking becomes a finding in plain words."""

from typing import Final, Literal

import msgspec
from msgspec import Struct

from mangaassist.errors import NotFound, ServiceFailure
from mangaassist.services.failures import failure_of
from mangaassist.store_checks.plain_words import plain_mistake

Verdict = Literal["ok", "missing", "wrong", "slow", "unchecked"]
"""``missing``: nobody answers there. ``slow``: it fits, later than a shopper waits. ``unchecked``: could not be asked."""


class Finding(Struct, frozen=True, kw_only=True):
    """What one check found. ``needed``: whether the assistant can do without; ``lost``: what shoppers notice without it."""

    check: str
    service: str
    endpoint: str
    verdict: Verdict
    needed: bool
    found: str = ""
    expected: str = ""
    field: str = ""
    lost: str = ""
    docs: str = ""
    seconds: float = 0.0

    @property
    def fails(self) -> bool:
        """Whether the store does not pass for it."""
        return self.needed and self.verdict in ("missing", "wrong")


class Mistake(Exception):
    """An answer that is not what was asked for. ``field`` says where in it, ``expected`` and ``found`` are phrases."""

    def __init__(self, expected: str, found: str, field: str = "") -> None:
        super().__init__(expected, found, field)
        self.expected, self.found, self.field = expected, found, field


class NotThere(Exception):
    """The answer is there, and what is optional in it is not."""


class Unchecked(Exception):
    """What has to be known first is not: the reason, as a phrase."""


class Told(Struct, frozen=True):
    """The part of a finding that an answer, or its failure, decides."""

    verdict: Verdict
    found: str
    expected: str = ""
    field: str = ""


_BY_KIND: Final[dict[str, tuple[Verdict, str]]] = {
    "unreachable": ("missing", "nobody answers there"),
    "timeout": ("wrong", "no answer came in time"),
    "error": ("wrong", "it failed"),
    "rejected": ("wrong", "it refused the question"),
    "contract": ("wrong", "the answer is not what it should be"),
}
_ABSENT: Final = ("HTTP 404", "unimplemented")


def told_of(error: Exception) -> Told:
    """The finding that an error of a check is. Raises the error again if it is a mistake of ours."""
    if isinstance(error, Unchecked):
        return Told("unchecked", str(error))
    if isinstance(error, NotThere):
        return Told("missing", str(error))
    if isinstance(error, Mistake):
        return Told("wrong", error.found, error.expected, error.field)
    if isinstance(error, NotFound):
        return Told("missing", "it says that there is no such thing (404)")
    if isinstance(error, msgspec.MsgspecError):
        expected, found, field = plain_mistake(str(error))
        return Told("wrong", found, expected, field)
    failure = failure_of("store", error)
    if failure is None:
        raise error
    return _of_failure(failure)


def _of_failure(failure: ServiceFailure) -> Told:
    if failure.detail in _ABSENT:
        return Told("missing", f"there is no such endpoint ({failure.detail})")
    verdict, words = _BY_KIND.get(failure.kind, ("wrong", failure.kind))
    return Told(verdict, f"{words} ({failure.detail})" if failure.detail else words)
