"""O-5: the server that stands in for an OpenSearch takes nothing that one would refuse, and shows nothing before its refresh."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest

from mangaassist.stores.opensearch.making import template
from mangaassist.testing.opensearch_server import OpenSearchServer

JSON = "application/json"
LINES = "application/x-ndjson"
DOCUMENT = {"source_type": "faq", "words_faq": "parcels", "vector": [1.0, 0.0]}


class Asked:
    """What was answered: the status, and the body."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def __call__(self, method: str, path: str, body: Any = None, kind: str = JSON) -> tuple[int, Any]:
        sent = body if isinstance(body, bytes) or body is None else msgspec.json.encode(body)
        headers = {"Content-Type": kind} if sent is not None else {}
        async with self._http.request(method, self._url + path, data=sent, headers=headers) as reply:
            return reply.status, msgspec.json.decode(await reply.read())

    async def bulk(self, *lines: Any, refresh: str = "true", end: bytes = b"\n") -> tuple[int, Any]:
        body = b"\n".join(msgspec.json.encode(line) for line in lines) + end
        return await self("POST", f"/shop/_bulk?refresh={refresh}", body, LINES)


@pytest.fixture
async def ask() -> AsyncIterator[Asked]:
    async with OpenSearchServer() as server, aiohttp.ClientSession() as http:
        asked = Asked(http, server.url)
        body = template("chunks")
        body["mappings"]["properties"]["vector"]["dimension"] = 2
        assert (await asked("PUT", "/shop", body))[0] == 200
        yield asked


REFUSED: dict[str, tuple[str, str, Any, str]] = {
    "an endpoint that it does not have": ("GET", "/shop/_stats", None, JSON),
    "another method": ("GET", "/shop/_search", None, JSON),
    "a parameter that it does not have": ("POST", "/shop/_search?sizes=3", {}, JSON),
    "a field of a search that it does not have": ("POST", "/shop/_search", {"limit": 3}, JSON),
    "a query that it does not have": ("POST", "/shop/_search", {"query": {"near": {}}}, JSON),
    "two queries in one": ("POST", "/shop/_search", {"query": {"ids": {"values": []}, "bool": {}}}, JSON),
    "neighbours without a number": ("POST", "/shop/_search", {"query": {"knn": {"vector": {"vector": [1, 0]}}}}, JSON),
    "a vector of another size": ("POST", "/shop/_search", {"query": {"knn": {"vector": {"vector": [1], "k": 3}}}}, JSON),
    "more than it shows": ("POST", "/shop/_search", {"size": 10_001}, JSON),
    "words of a field without any": ("POST", "/shop/_search", {"query": {"match": {"family": {"query": "x"}}}}, JSON),
    "a field that is not indexed": ("POST", "/shop/_search", {"query": {"term": {"title": {"value": "x"}}}}, JSON),
    "a field without values": ("POST", "/shop/_search", {"docvalue_fields": ["title"]}, JSON),
    "an index that is not there": ("POST", "/other/_search", {}, JSON),
    "an index that is there already": ("PUT", "/shop", {"mappings": {"dynamic": "strict", "properties": {}}}, JSON),
    "a mapping that it does not have": (
        "PUT", "/new", {"mappings": {"dynamic": "strict", "properties": {"a": {"type": "vector"}}}}, JSON,
    ),
    "no JSON": ("POST", "/shop/_search", b"{", JSON),
    "a body of another kind": ("POST", "/shop/_search", b"{}", "text/plain"),
    "lines that do not end": ("POST", "/shop/_bulk", b'{"delete":{"_id":"a"}}', LINES),
    "a bulk of nothing": ("POST", "/shop/_bulk", b"\n", LINES),
    "an action that it does not have": ("POST", "/shop/_bulk", b'{"upsert":{"_id":"a"}}\n{}\n', LINES),
    "an alias that is not there": ("POST", "/_aliases", {"actions": [{"remove": {"index": "shop", "alias": "x"}}]}, JSON),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
async def test_it_refuses(ask: Asked, what: str) -> None:
    method, path, body, kind = REFUSED[what]
    status, told = await ask(method, path, body, kind)
    assert 400 <= status < 500
    assert told["error"]["type"].endswith("_exception")


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"colour": "red"}, "strict_dynamic_mapping_exception"),
        ({"vector": [1.0, 0.0, 0.0]}, "mapper_parsing_exception"),
        ({"vector": [0.0, 0.0]}, "mapper_parsing_exception"),
        ({"version": "one"}, "mapper_parsing_exception"),
    ],
)
async def test_a_document_that_the_mapping_does_not_know_is_refused_by_itself(
    ask: Asked, document: dict[str, Any], kind: str
) -> None:
    status, told = await ask.bulk({"index": {"_id": "a"}}, document, {"index": {"_id": "b"}}, DOCUMENT)
    assert (status, told["errors"]) == (200, True)
    first, second = (one["index"] for one in told["items"])
    assert (first["status"], first["error"]["type"], second["status"]) == (400, kind, 201)


async def test_nothing_is_found_before_its_refresh_and_everything_is_read_by_its_id(ask: Asked) -> None:
    found = {"query": {"match": {"words_faq": {"query": "parcel"}}}}
    await ask.bulk({"index": {"_id": "a", "routing": "r"}}, DOCUMENT, refresh="false")
    assert (await ask("POST", "/shop/_search", found))[1]["hits"]["hits"] == []
    [got] = (await ask("POST", "/shop/_mget", {"docs": [{"_id": "a", "routing": "r"}]}))[1]["docs"]
    assert got["found"]
    await ask.bulk({"index": {"_id": "b", "routing": "r"}}, DOCUMENT)
    assert len((await ask("POST", "/shop/_search", found))[1]["hits"]["hits"]) == 2


async def test_versions_are_compared_and_those_of_deleted_documents_too(ask: Asked) -> None:
    async def status(action: str, version: int, kind: str = "external_gte") -> int:
        about = {action: {"_id": "a", "version": version, "version_type": kind}}
        _, told = await ask.bulk(about, *([] if action == "delete" else [DOCUMENT]))
        return told["items"][0][action]["status"]

    assert [await status("index", 5), await status("index", 5), await status("index", 4)] == [201, 200, 409]
    assert await status("index", 5, "external") == 409
    assert [await status("delete", 7), await status("index", 6), await status("index", 8)] == [200, 409, 201]


async def test_a_write_over_what_somebody_else_wrote_meanwhile_is_refused(ask: Asked) -> None:
    await ask.bulk({"create": {"_id": "a"}}, DOCUMENT)
    [got] = (await ask("POST", "/shop/_mget", {"docs": [{"_id": "a"}]}))[1]["docs"]
    over = {"index": {"_id": "a", "if_seq_no": got["_seq_no"], "if_primary_term": got["_primary_term"]}}
    statuses = [(await ask.bulk(over, DOCUMENT))[1]["items"][0]["index"]["status"] for _ in range(2)]
    assert statuses == [200, 409]
    assert (await ask.bulk({"create": {"_id": "a"}}, DOCUMENT))[1]["items"][0]["create"]["status"] == 409


async def test_what_is_excluded_from_the_source_is_searched_and_not_shown(ask: Asked) -> None:
    half = base64.b64encode(b"\x00\x3c").decode()
    await ask.bulk({"index": {"_id": "a"}}, DOCUMENT | {"half": half, "family": "f"})
    asked = {
        "query": {"knn": {"vector": {"vector": [1.0, 0.0], "k": 3}}},
        "version": True,
        "docvalue_fields": ["family"],
    }
    [hit] = (await ask("POST", "/shop/_search", asked))[1]["hits"]["hits"]
    assert (hit["_source"], hit["_score"], hit["fields"]) == (
        {"source_type": "faq", "half": half, "family": "f"},
        1.0,
        {"family": ["f"]},
    )
    assert hit["_version"] == 1
