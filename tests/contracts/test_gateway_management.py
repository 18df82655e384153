"""W-13: the management API over our own connections, against a loopback that answers as the vendor's does, and against moto's."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from mangaassist.edge.api_gateway.management import MANAGEMENT
from mangaassist.errors import ServiceFailure
from mangaassist.stores.api_gateway.management import ApiGatewayManagement
from mangaassist.testing.api_gateway_server import POST_BYTES, ApiGatewayServer
from tests.own_stores import free_port
from tests.tables import REGION


@pytest.fixture
async def server(aws_environment: None) -> AsyncIterator[ApiGatewayServer]:
    async with ApiGatewayServer() as made:
        yield made


@pytest.fixture
async def management(server: ApiGatewayServer) -> AsyncIterator[ApiGatewayManagement]:
    made = await ApiGatewayManagement.open(REGION, server.url, 20)
    yield made
    await made.aclose()


async def test_what_is_posted_arrives_as_it_was(server: ApiGatewayServer, management: ApiGatewayManagement) -> None:
    name = server.opened()
    frames = ['{"type":"token","content":"とても良い 🦊"}'.encode(), b'{"type":"done"}']
    for frame in frames:
        assert await management.post(name, frame)
    assert server.lines[name].posted == frames


async def test_a_connection_that_is_gone_is_no_error(
    server: ApiGatewayServer, management: ApiGatewayManagement
) -> None:
    name = server.opened()
    await management.close(name)
    assert not await management.post(name, b"{}")
    await management.close(name)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, "LimitExceededException", "error"),
        (403, "ForbiddenException", "rejected"),
        (500, "InternalServerError", "error"),
        (503, "ServiceUnavailable", "unreachable"),
    ],
)
async def test_what_the_gateway_refuses_is_a_failure_of_ours(
    server: ApiGatewayServer, management: ApiGatewayManagement, status: int, code: str, kind: str
) -> None:
    server.refusal = status, code
    with pytest.raises(ServiceFailure) as failed:
        await management.post(server.opened(), b"{}")
    assert (failed.value.service, failed.value.kind) == (MANAGEMENT, kind)


class RefusesOnce(ApiGatewayServer):
    """What it refuses with holds for one post."""

    def _refused(self, request: web.Request) -> web.Response | None:
        refused, self.refusal = super()._refused(request), None
        return refused


@pytest.mark.parametrize(("status", "code"), [(429, "LimitExceededException"), (503, "ServiceUnavailable")])
async def test_what_a_gateway_refuses_for_a_moment_is_posted_again(
    aws_environment: None, status: int, code: str
) -> None:
    async with RefusesOnce() as server:
        management = await ApiGatewayManagement.open(REGION, server.url, 20)
        name, server.refusal = server.opened(), (status, code)
        assert await management.post(name, b"{}")
        assert server.lines[name].posted == [b"{}"]
        await management.aclose()


async def test_a_gateway_that_is_not_there_is_a_failure_that_may_pass(aws_environment: None) -> None:
    management = await ApiGatewayManagement.open(REGION, f"http://127.0.0.1:{free_port()}", 20)
    with pytest.raises(ServiceFailure) as failed:
        await management.post("c1=", b"{}")
    assert (failed.value.kind, failed.value.transient) == ("unreachable", True)
    await management.aclose()


async def test_more_than_the_gateway_takes_is_a_failure(
    server: ApiGatewayServer, management: ApiGatewayManagement
) -> None:
    with pytest.raises(ServiceFailure):
        await management.post(server.opened(), b"a" * (POST_BYTES + 1))


async def test_motos_management_api_takes_what_we_post(moto_url: str, aws_environment: None) -> None:
    management = await ApiGatewayManagement.open(REGION, moto_url, 20)
    assert await management.post("c1=", b'{"type":"pong"}')
    await management.close("c1=")
    await management.aclose()
