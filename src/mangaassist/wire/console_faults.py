"""Faults of the store's services that an operator injects from the console, and ends (O-6)."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

FaultMode = Literal["slow", "fail", "flap", "cut", "wrong"]
Spoil = Literal["missing", "negative", "unknown", "stranger", "huge", "nested", "poisoned"]
LONGEST_DELAY_MS: Final = 60_000
LONGEST_S: Final = 1800
"""Whoever forgets a fault has it for so long."""
ServiceName = Annotated[str, Meta(pattern=r"^[a-z_]{1,40}$")]


class Fault(Struct, frozen=True, kw_only=True):
    """``rate`` is the share of calls that it hits.

    ``slow`` holds each of them up for ``delay_ms``; ``flap`` fails for ``delay_ms``, is well for as long, and so on; ``cut`` breaks
    answers off in their middle; ``wrong`` answers outside the contract as ``spoil`` says, None: in each way in turn.
    """

    mode: FaultMode
    delay_ms: Annotated[int, Meta(ge=0, le=LONGEST_DELAY_MS)] = 3000
    rate: Annotated[float, Meta(ge=0, le=1)] = 1.0
    spoil: Spoil | None = None


class FaultRequest(Fault, frozen=True, kw_only=True):
    """A fault of a service that ends by itself after ``for_s`` seconds; it takes the place of one that the service has."""

    service: ServiceName
    for_s: Annotated[float, Meta(ge=1, le=LONGEST_S)] = 120.0


class FaultsEnd(Struct, frozen=True, kw_only=True):
    """Which service is to be well again; None for all."""

    service: ServiceName | None = None


class FaultLine(Fault, frozen=True, kw_only=True):
    """``left_s``: until it ends; None for one that stays until somebody ends it, which the console never sets."""

    service: str
    left_s: float | None = None


class FaultsView(Struct, frozen=True, kw_only=True):
    """``services`` that can be made faulty, and the faults that they have, whoever set them.

    Where none can be injected both are empty, and ``why`` says so in words; it is empty otherwise.
    """

    services: tuple[str, ...] = ()
    faults: tuple[FaultLine, ...] = ()
    why: str = ""
