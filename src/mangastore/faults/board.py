"""Which service is faulty right now, and how."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Literal, get_args

import msgspec

ServiceName = Literal[
    "catalog",
    "pricing",
    "inventory",
    "reviews",
    "recommendations",
    "profile",
    "orders",
    "shipping",
    "returns",
    "promotions",
]
FaultMode = Literal["slow", "fail", "flap", "cut", "wrong"]
Spoil = Literal["missing", "negative", "unknown", "stranger", "huge", "nested", "poisoned"]
SERVICES: tuple[ServiceName, ...] = get_args(ServiceName)
SPOIL_KINDS: tuple[Spoil, ...] = get_args(Spoil)
BROKEN: tuple[Spoil, ...] = tuple(kind for kind in SPOIL_KINDS if kind not in ("stranger", "poisoned"))
"""Those that no contract lets pass: a stranger's row or a poisoned text may be as good a one as any."""
LONGEST_DELAY_MS = 60_000
LONGEST_S = 86_400


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong with a service; `rate` is the share of calls that it hits.

    `slow` holds each call up for `delay_ms`; `flap` fails for `delay_ms`, is well for as long, and so on; `cut` breaks each answer
    off in its middle; `wrong` answers outside the contract, in the way that `spoil` names or, without one, in each in turn.
    It ends by itself after `for_s` seconds, or when it is cleared.
    """

    mode: FaultMode
    delay_ms: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_DELAY_MS)] = 3000
    rate: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    spoil: Spoil | None = None
    for_s: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_S)] | None = None


class FaultBoard:
    """The faults that are set. Which calls a rate below 1 hits is counted out evenly, not rolled.

    `clock` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._faults: dict[ServiceName, Fault] = {}
        self._due: dict[ServiceName, float] = {}
        self._since: dict[ServiceName, float] = {}
        self._spoilt = 0

    @property
    def clear_everywhere(self) -> bool:
        """Whether no service has a fault; one that has ended may still count."""
        return not self._faults

    def all(self) -> dict[ServiceName, Fault]:
        """The fault of each service that has one."""
        for service in tuple(self._faults):
            self._ended(service)
        return dict(self._faults)

    def left_s(self) -> dict[ServiceName, float]:
        """Seconds until the fault of a service ends, where it ends by itself."""
        return {
            service: end - self._clock()
            for service, fault in self.all().items()
            if (end := self._ends(service, fault)) is not None
        }

    def set(self, service: ServiceName, fault: Fault) -> None:
        """Make a service faulty."""
        self._faults[service] = fault
        self._due[service] = 0.0
        self._since[service] = self._clock()

    def clear(self, service: ServiceName | None = None) -> None:
        """Make one service healthy again, or all."""
        for name in (service,) if service else SERVICES:
            self._faults.pop(name, None)

    def strike(self, service: ServiceName) -> Fault | None:
        """The fault that hits this call of a service, if any."""
        fault = None if self._ended(service) else self._faults.get(service)
        if fault is None or (fault.mode == "flap" and self._is_well(service, fault)):
            return None
        self._due[service] += fault.rate
        if self._due[service] < 1 - 1e-9:
            return None
        self._due[service] -= 1
        return fault

    def spoil(self, fault: Fault) -> Spoil:
        """In which way an answer is made wrong: outside its contract in each way in turn, where none is named."""
        if fault.spoil is not None:
            return fault.spoil
        self._spoilt += 1
        return BROKEN[self._spoilt % len(BROKEN)]

    def _ends(self, service: ServiceName, fault: Fault) -> float | None:
        return None if fault.for_s is None else self._since[service] + fault.for_s

    def _ended(self, service: ServiceName) -> bool:
        """Forget a fault whose time is over; gives whether there was one."""
        fault = self._faults.get(service)
        end = None if fault is None else self._ends(service, fault)
        if end is None or self._clock() < end:
            return False
        del self._faults[service]
        return True

    def _is_well(self, service: ServiceName, fault: Fault) -> bool:
        passed_ms = 1000 * (self._clock() - self._since[service])
        return bool(passed_ms // max(fault.delay_ms, 1) % 2)
