"""The demo store's faults on demand, as the console sets and ends them (O-6). The store takes them from its own machine alone."""

from typing import Final

import msgspec
from msgspec import Struct

from mangaassist.errors import ServiceFailure
from mangaassist.services.operators_calls import OperatorsCalls
from mangaassist.wire.console_faults import Fault, FaultLine, FaultRequest, FaultsView

FAULTS: Final = "/admin/faults"
STORE: Final = "store"
"""The service that failures name."""


class _Told(Struct):
    services: tuple[str, ...]
    faults: dict[str, Fault]
    left_s: dict[str, float] = {}


class StoreFaults:
    """Implements ``console.faults.FaultStore``."""

    def __init__(self, calls: OperatorsCalls) -> None:
        self._calls = calls

    async def faults(self) -> FaultsView:
        told = await self._calls.send("GET", FAULTS)
        try:
            read = msgspec.json.decode(told, type=_Told)
        except msgspec.MsgspecError as error:
            raise ServiceFailure(STORE, "contract", str(error)) from error
        lines = (
            FaultLine(service=service, left_s=read.left_s.get(service), **msgspec.structs.asdict(fault))
            for service, fault in read.faults.items()
        )
        return FaultsView(services=read.services, faults=tuple(lines))

    async def inject(self, asked: FaultRequest) -> None:
        fault = {name: value for name, value in msgspec.structs.asdict(asked).items() if name != "service"}
        await self._calls.send("PUT", f"{FAULTS}/{asked.service}", body=fault)

    async def end(self, service: str | None) -> None:
        await self._calls.send("DELETE", FAULTS if service is None else f"{FAULTS}/{service}")
