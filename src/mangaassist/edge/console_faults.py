"""Faults that are injected from the console, over REST (O-6)."""

from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State

from mangaassist.edge.console import ConsoleEdge
from mangaassist.edge.rest import AnyRequest, answered, asked_in
from mangaassist.wire.console_faults import FaultRequest, FaultsEnd

_FAULT: Final = msgspec.json.Decoder(FaultRequest)
_END: Final = msgspec.json.Decoder(FaultsEnd)


@get("/ops/console/faults")
async def console_faults(request: AnyRequest, state: State) -> Response[bytes]:
    edge: ConsoleEdge = state.console
    operator, standing = await edge.operator(request)
    return answered(await edge.console.faults.look(operator), standing)


@post("/ops/console/faults", status_code=200)
async def console_fault(request: AnyRequest, state: State) -> Response[bytes]:
    edge: ConsoleEdge = state.console
    operator, standing = await edge.operator(request)
    asked = await asked_in(request, _FAULT)
    return answered(await edge.console.faults.inject(operator, asked), standing)


@post("/ops/console/faults/end", status_code=200)
async def console_fault_end(request: AnyRequest, state: State) -> Response[bytes]:
    edge: ConsoleEdge = state.console
    operator, standing = await edge.operator(request)
    asked = await asked_in(request, _END)
    return answered(await edge.console.faults.end(operator, asked.service), standing)
