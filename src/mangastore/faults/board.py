"""Which service is faulty right now, and how."""

from __future__ import annotations

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
FaultMode = Literal["slow", "fail", "wrong"]
SERVICES: tuple[ServiceName, ...] = get_args(ServiceName)
LONGEST_DELAY_MS = 60_000


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a service; `rate` is the share of calls that it hits."""

    mode: FaultMode
    delay_ms: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_DELAY_MS)] = 3000
    rate: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0


class FaultBoard:
    """The faults that are set. Which calls a rate below 1 hits is counted out evenly, not rolled."""

    def __init__(self) -> None:
        self._faults: dict[ServiceName, Fault] = {}
        self._due: dict[ServiceName, float] = {}

    @property
    def clear_everywhere(self) -> bool:
        """Whether no service has a fault."""
        return not self._faults

    def all(self) -> dict[ServiceName, Fault]:
        """The fault of each service that has one."""
        return dict(self._faults)

    def set(self, service: ServiceName, fault: Fault) -> None:
        """Make a service faulty."""
        self._faults[service] = fault
        self._due[service] = 0.0

    def clear(self, service: ServiceName | None = None) -> None:
        """Make one service healthy again, or all."""
        for name in (service,) if service else SERVICES:
            self._faults.pop(name, None)

    def strike(self, service: ServiceName) -> Fault | None:
        """The fault that hits this call of a service, if any."""
        fault = self._faults.get(service)
        if fault is None:
            return None
        self._due[service] += fault.rate
        if self._due[service] < 1 - 1e-9:
            return None
        self._due[service] -= 1
        return fault
