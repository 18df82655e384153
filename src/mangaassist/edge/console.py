"""The console's figures over REST, for its pages and any other that keeps to it (O-6)."""

from litestar import Response, get
from litestar.datastructures import State

from mangaassist.console.operating import Console
from mangaassist.domain.customers import Identity
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.limits import Standing
from mangaassist.edge.operators import operator_at_work, operator_of
from mangaassist.edge.rest import AnyRequest, answered
from mangaassist.errors import ServiceFailure, Unauthenticated


class ConsoleEdge:
    """Lives as long as the process."""

    def __init__(self, shared: EdgeDependencies) -> None:
        self._shared = shared

    @property
    def console(self) -> Console:
        return self._shared.console

    async def operator(self, request: AnyRequest) -> tuple[str, Standing]:
        """Who looks."""
        identity, standing = await self.caller(request)
        return operator_of(identity), standing

    async def caller(self, request: AnyRequest) -> tuple[Identity, Standing]:
        """The operator with their token."""
        return await operator_at_work(self._shared, request)

    async def is_customer(self, request: AnyRequest) -> bool:
        """Whether somebody is signed in who is no operator; who cannot be told is nobody yet."""
        try:
            identity = await self._shared.caller(request.scope)
        except (Unauthenticated, ServiceFailure):
            return False
        return identity.customer_id is not None and not identity.is_operator


@get("/ops/console/overview")
async def console_overview(request: AnyRequest, state: State) -> Response[bytes]:
    edge: ConsoleEdge = state.console
    operator, standing = await edge.operator(request)
    return answered(await edge.console.overview(operator), standing)


@get("/ops/console/turns")
async def console_turns(request: AnyRequest, state: State) -> Response[bytes]:
    edge: ConsoleEdge = state.console
    operator, standing = await edge.operator(request)
    return answered(await edge.console.turns(operator), standing)
