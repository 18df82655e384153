"""R-11 at the door: MCP by its own client, what is published, and the bounds of every request (R-5, R-6, R-9)."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest
from ucp_sdk.models.schemas.profile import BusinessSchema

from mangaassist.edge.agents.addresses import public_address
from mangaassist.edge.agents.server import CARD
from mangaassist.edge.agents.tools import TOOLS
from mangaassist.edge.app import build
from mangaassist.edge.socket import SocketEdge
from mangaassist.wire.rest import MAX_BODY_BYTES
from tests.agents.conftest import ISSUER, Shop, Tokens, calling
from tests.conversation.virtual import Process, World
from tests.edge.rest_client import Caller, Sockets


async def test_the_tools_are_listed_with_what_they_take_and_that_they_only_read(shop: Shop) -> None:
    async with shop.agent() as agent:
        tools = (await agent.list_tools()).tools
    assert [tool.name for tool in tools] == list(TOOLS)
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.input_schema["type"] == "object"
        assert tool.description


@pytest.mark.parametrize("version", ["2024-11-05", "2025-06-18", "2025-11-25"])
async def test_clients_of_older_versions_of_mcp_are_served_without_a_session(shop: Shop, version: str) -> None:
    about = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    begun = await shop.posts({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about})
    assert begun.json()["result"]["protocolVersion"] == version
    assert "mcp-session-id" not in begun.headers
    assert (await shop.posts({"jsonrpc": "2.0", "method": "notifications/initialized"})).status_code == 202
    got = await shop.posts(calling("get_product", catalog={"id": "B0UZUMAKI1"}))
    assert got.json()["result"]["structuredContent"]["product"]["title"] == "Uzumaki"


async def test_the_text_of_a_result_is_its_structured_content(shop: Shop) -> None:
    """UCP: for clients that do not read ``structuredContent``."""
    async with shop.agent() as agent:
        result = await agent.call_tool("get_product", {"catalog": {"id": "B0UZUMAKI1"}})
    (text,) = result.content
    assert text.type == "text"
    assert json.loads(text.text) == result.structured_content
    assert not result.is_error


async def test_the_card_may_load_the_stores_pictures_and_nothing_else(shop: Shop) -> None:
    async with shop.agent() as agent:
        (content,) = (await agent.read_resource(CARD)).contents
        tools = (await agent.list_tools()).tools
    assert content.mime_type == "text/html;profile=mcp-app"
    assert content.meta is not None
    assert content.meta["ui"]["csp"] == {"resourceDomains": ["http://store"]}
    bound = [tool.name for tool in tools if tool.meta]
    assert bound == ["search_catalog", "lookup_catalog", "get_product", "ask_business"]
    assert all(tool.meta == {"ui": {"resourceUri": CARD}} for tool in tools if tool.meta)


async def test_the_profile_is_ucps_and_leads_to_the_tools(shop: Shop) -> None:
    got = await shop.gets("/.well-known/ucp")
    BusinessSchema.model_validate(got.json())
    (service,) = got.json()["ucp"]["services"]["dev.ucp.shopping"]
    assert (service["transport"], service["endpoint"]) == ("mcp", f"{shop.url}/mcp")
    assert set(got.json()["ucp"]["capabilities"]) == {tool.capability for tool in TOOLS.values() if tool.capability}
    assert "public" in got.headers["cache-control"]


@pytest.mark.parametrize("path", ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"])
async def test_the_resource_says_who_signs_shoppers_in(shop: Shop, path: str) -> None:
    """RFC 9728."""
    metadata = (await shop.gets(path)).json()
    assert metadata["resource"] == f"{shop.url}/mcp"
    assert [url.rstrip("/") for url in metadata["authorization_servers"]] == [ISSUER]


def test_behind_a_proxy_the_address_of_the_settings_is_published() -> None:
    scope = {"type": "http", "scheme": "http", "headers": [(b"host", b"10.0.0.7:8000")]}
    assert public_address(scope, "https://assist.example/") == "https://assist.example"
    assert public_address(scope, None) == "http://10.0.0.7:8000"


async def test_spck_conformance_finds_no_deviation(shop: Shop, tmp_path: Path) -> None:
    """The kept suite for UCP: of a server without checkout four of its checks apply."""
    config = tmp_path / "merchant.json"
    config.write_text(json.dumps({"product_id": "B0UZUMAKI1"}), encoding="utf-8")
    command = [
        str(Path(sys.executable).parent / "spck-conformance"),
        "--server",
        shop.url,
        "--config",
        str(config),
        "--json",
    ]
    ran = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60, check=False)
    report = json.loads(ran.stdout)
    assert ran.returncode == 0, ran.stdout
    assert passed(report) >= {
        "discovery.version",
        "discovery.reverse_domain_names",
        "mcp.catalog_search",
        "mcp.catalog_lookup",
    }


def passed(report: dict[str, Any]) -> set[str]:
    return {check["id"] for check in report["checks"] if check["status"] == "clean-pass"}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"nonsense", (400, "invalid_json")),
        (b'{"jsonrpc": "2.0", "method": "a", "params": ' + b'{"b": ' * 5000, (400, "invalid_json")),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "\xff"}', (400, "invalid_encoding")),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "a", "params": {"b": "\\u0000"}}', (400, "invalid_encoding")),
        ([{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}], (400, "invalid_field")),
        ({"jsonrpc": "2.0", "id": 1, "result": {}}, (400, "invalid_field")),
        (b" " * (MAX_BODY_BYTES + 1), (413, "too_large")),
    ],
)
async def test_a_body_that_is_no_message_is_refused_as_everywhere(
    shop: Shop, body: Any, problem: tuple[int, str]
) -> None:
    got = await shop.posts(body)
    assert (got.status_code, got.json()["code"]) == problem
    assert got.headers["content-type"] == "application/problem+json"


async def test_a_body_that_does_not_say_that_it_is_json_is_refused(shop: Shop) -> None:
    got = await shop.posts({}, **{"content-type": "text/plain"})
    assert (got.status_code, got.json()["code"]) == (415, "unsupported_media_type")


async def test_arguments_that_do_not_fit_name_their_field_and_not_what_it_held(shop: Shop) -> None:
    given = await shop.calls("lookup_catalog", catalog={"ids": [{"secret": "swordfish"}]})
    (message,) = given["messages"]
    assert (message["code"], "catalog.ids.0" in message["content"]) == ("invalid_request", True)
    assert "swordfish" not in json.dumps(given)


@pytest.mark.parametrize("profile", ["nonsense", "http://platform.example/ucp", "https://"])
async def test_a_platform_whose_profile_is_no_https_address_is_refused_by_ucps_code(shop: Shop, profile: str) -> None:
    meta = {"ucp-agent": {"profile": profile}}
    got = await shop.posts(calling("search_catalog", meta=meta, catalog={"query": "*"}))
    assert got.json()["error"]["code"] == -32001


async def test_who_lists_no_types_that_they_accept_is_answered(shop: Shop) -> None:
    got = await shop.posts(calling("search_catalog", catalog={"query": "*"}), accept="*/*")
    assert got.status_code == 200


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_there_is_no_stream_to_follow_and_no_session_to_end(shop: Shop, method: str) -> None:
    async with httpx2.AsyncClient() as http:
        got = await http.request(method, f"{shop.url}/mcp")
    assert (got.status_code, "POST" in got.headers["allow"]) == (405, True)


async def test_where_agents_are_not_wanted_there_is_nothing() -> None:
    process = Process(World(), "one")
    caller = Caller(build(process.doors(Tokens()), cast(SocketEdge, Sockets()), {}))
    typed = {"content-type": "application/json"}
    assert (await caller.request("POST", "/mcp", b"{}", **typed)).problem == (404, "not_found")
    for path in ("/.well-known/ucp", "/.well-known/oauth-protected-resource"):
        assert (await caller.get(path)).problem == (404, "not_found")


async def test_calls_are_counted_by_tool_and_outcome(shop: Shop) -> None:
    await shop.calls("search_catalog", catalog={"query": "*"})
    await shop.calls("search_catalog", catalog={})
    counted = (await shop.gets("/metrics")).text
    assert 'mangaassist_agent_calls_total{outcome="done",tool="search_catalog"} 1.0' in counted
    assert 'mangaassist_agent_calls_total{outcome="invalid_request",tool="search_catalog"} 1.0' in counted


LOADED = """
import sys
import mangaassist.serving
print([name for name in sys.modules if name.partition(".")[0] in ("mcp", "mcp_types", "ucp_sdk")])
"""


def test_a_start_loads_nothing_that_only_other_agents_need() -> None:
    assert subprocess.check_output([sys.executable, "-c", LOADED], text=True).strip() == "[]"
