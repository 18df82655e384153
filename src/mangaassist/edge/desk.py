"""The human side of a conversation over REST, for the desk's page and any other that keeps to it (O-6)."""

from typing import Annotated, Final

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from msgspec import Meta

from mangaassist.desk.operating import Desk
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.limits import Standing
from mangaassist.edge.operators import operator_at_work, operator_of
from mangaassist.edge.rest import AnyRequest, answered, asked_in
from mangaassist.errors import BadInput, FieldProblem
from mangaassist.wire.desk import DeskDeed, DeskDone, DeskJoin, DeskMessage, DeskTaken

After = Annotated[int, Meta(ge=0)]
_JOIN: Final = msgspec.json.Decoder(DeskJoin)
_MESSAGE: Final = msgspec.json.Decoder(DeskMessage)
_DEED: Final = msgspec.json.Decoder(DeskDeed)


class DeskEdge:
    """Lives as long as the process."""

    def __init__(self, shared: EdgeDependencies) -> None:
        self._shared = shared

    @property
    def desk(self) -> Desk:
        return self._shared.desk

    async def operator(self, request: AnyRequest) -> tuple[str, Standing]:
        """Who works at the desk."""
        identity, standing = await operator_at_work(self._shared, request)
        return operator_of(identity), standing


def _after(request: AnyRequest) -> int:
    given = request.query_params.get("after", "0")
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        wrong = FieldProblem("after", "must be a whole number")
        raise BadInput("invalid_field", str(wrong), [wrong])
    return int(given)


@get("/ops/desk/tickets")
async def desk_tickets(request: AnyRequest, state: State) -> Response[bytes]:
    edge: DeskEdge = state.desk
    operator, standing = await edge.operator(request)
    seen = request.query_params.get("seen")
    return answered(await edge.desk.queue(operator, seen), standing)


@get("/ops/desk/tickets/{ticket_id:str}")
async def desk_ticket(request: AnyRequest, state: State, ticket_id: FromPath[str]) -> Response[bytes]:
    edge: DeskEdge = state.desk
    operator, standing = await edge.operator(request)
    told = await edge.desk.conversation(ticket_id, operator, _after(request))
    return answered(told, standing)


@post("/ops/desk/tickets/{ticket_id:str}/join", status_code=200)
async def desk_join(request: AnyRequest, state: State, ticket_id: FromPath[str]) -> Response[bytes]:
    edge: DeskEdge = state.desk
    operator, standing = await edge.operator(request)
    asked = await asked_in(request, _JOIN)
    return answered(await edge.desk.join(ticket_id, operator, asked.name), standing)


@post("/ops/desk/tickets/{ticket_id:str}/messages", status_code=202)
async def desk_message(request: AnyRequest, state: State, ticket_id: FromPath[str]) -> Response[bytes]:
    edge: DeskEdge = state.desk
    operator, standing = await edge.operator(request)
    said = await asked_in(request, _MESSAGE)
    await edge.desk.write(ticket_id, operator, said.id, said.content)
    return answered(DeskTaken(id=said.id), standing, status=202)


@post("/ops/desk/tickets/{ticket_id:str}/typing", status_code=200)
async def desk_typing(request: AnyRequest, state: State, ticket_id: FromPath[str]) -> Response[bytes]:
    edge: DeskEdge = state.desk
    operator, standing = await edge.operator(request)
    await asked_in(request, _DEED)
    await edge.desk.writes(ticket_id, operator)
    return answered(DeskTaken(id=ticket_id), standing)


@post("/ops/desk/tickets/{ticket_id:str}/hand-back", status_code=200)
async def desk_hand_back(request: AnyRequest, state: State, ticket_id: FromPath[str]) -> Response[bytes]:
    edge: DeskEdge = state.desk
    operator, standing = await edge.operator(request)
    await asked_in(request, _DEED)
    done: DeskDone = await edge.desk.hand_back(ticket_id, operator)
    return answered(done, standing)


@post("/ops/desk/tickets/{ticket_id:str}/close", status_code=200)
async def desk_close(request: AnyRequest, state: State, ticket_id: FromPath[str]) -> Response[bytes]:
    edge: DeskEdge = state.desk
    operator, standing = await edge.operator(request)
    await asked_in(request, _DEED)
    return answered(await edge.desk.close(ticket_id, operator), standing)
