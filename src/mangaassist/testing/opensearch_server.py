"""A server on the loopback that speaks as much of OpenSearch's wire as the chunk index uses, strictly, and misbehaves as told."""

import asyncio
import base64
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec
from aiohttp import web

from mangaassist.testing.loopback_server import Handler, LoopbackServer
from mangaassist.testing.opensearch_index import OpenSearchIndex
from mangaassist.testing.opensearch_wire import (
    About,
    Action,
    AliasActions,
    GetMany,
    NewIndex,
    Refused,
    Search,
    SearchHeader,
    Update,
    lines_of,
    read,
)

PARAMETERS: Final[Mapping[str, frozenset[str]]] = {
    "_bulk": frozenset({"refresh", "filter_path"}),
    "_forcemerge": frozenset({"only_expunge_deletes"}),
    "index": frozenset({"filter_path"}),
}
"""What each endpoint may be told in its address; any other parameter is refused, as OpenSearch does."""

NO_DETAILS: Final[Mapping[str, str]] = {}

Answer = Callable[[web.Request, bytes], Any]


class OpenSearchServer(LoopbackServer):
    """Use it as a context manager, on the loop of its client.

    ``refusals``: statuses and types to refuse the next requests with; ``full``: so many operations of bulks are refused with 429;
    ``cut``: so many replies end in their middle; ``until``: nothing is said before it is set; ``failed_shards``: of each search;
    ``login``: ``user:password`` that is asked for. ``asked``: method, path and bytes of every request.
    """

    def __init__(self, *, version: str = "2.19.6", login: str = "") -> None:
        super().__init__()
        self.version = version
        self.login = login
        self.refusals: deque[tuple[int, str]] = deque()
        self.full = 0
        self.cut = 0
        self.failed_shards = 0
        self.until: asyncio.Event | None = None
        self.asked: list[tuple[str, str, int]] = []
        self.indexes: dict[str, OpenSearchIndex] = {}
        self._clock = itertools.count(1_700_000_000_000)

    def posts(self) -> Mapping[str, Handler]:
        return {}

    def routes(self) -> Iterable[web.RouteDef]:
        known: tuple[tuple[str, str, Answer], ...] = (
            ("PUT", "/{index}", self._create),
            ("GET", "/{index}", self._describe),
            ("DELETE", "/{index}", self._remove),
            ("POST", "/_aliases", self._alias),
            ("POST", "/{index}/_bulk", self._bulk),
            ("POST", "/{index}/_mget", self._get_many),
            ("POST", "/{index}/_search", self._search),
            ("POST", "/{index}/_msearch", self._search_many),
            ("POST", "/{index}/_forcemerge", self._merge),
            ("GET", "/_cluster/health/{index}", self._health),
        )
        return [
            *(web.route(method, path, self._handled(answer)) for method, path, answer in known),
            web.route("*", "/{any:.*}", self._handled(_no_such_endpoint)),
        ]

    def _handled(self, answer: Answer) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            self.asked.append((request.method, request.path, len(body)))
            if self.until is not None:
                await self.until.wait()
            try:
                self._admit(request, body)
                return await self._said(request, 200, answer(request, body))
            except Refused as refused:
                told = {"error": {"root_cause": [refused.told], **refused.told}, "status": refused.status}
                return await self._said(request, refused.status, told)

        return handle

    def _admit(self, request: web.Request, body: bytes) -> None:
        if self.login:
            expected = f"Basic {base64.b64encode(self.login.encode()).decode()}"
            if request.headers.get("Authorization") != expected:
                raise Refused(401, "security_exception", "Unauthorized")
        if self.refusals:
            status, kind = self.refusals.popleft()
            raise Refused(status, kind, "as told")
        endpoint = next((part for part in request.path.split("/") if part.startswith("_")), "index")
        for name in request.query:
            if name not in PARAMETERS.get(endpoint, frozenset()):
                raise Refused(400, "illegal_argument_exception", f"contains unrecognized parameter: [{name}]")
        wanted = "application/x-ndjson" if endpoint in ("_bulk", "_msearch") else "application/json"
        if body and request.content_type != wanted:
            raise Refused(406, "media_type_header_exception", f"Content-Type [{request.content_type}] is not supported")

    async def _said(self, request: web.Request, status: int, told: Any) -> web.StreamResponse:
        body = msgspec.json.encode(told)
        if not self.cut:
            return web.Response(body=body, status=status, content_type="application/json")
        self.cut -= 1
        response = web.StreamResponse(status=status, headers={"Content-Length": str(len(body))})
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        assert request.transport is not None
        request.transport.abort()
        return response

    # ---- indexes and aliases

    def _create(self, request: web.Request, body: bytes) -> Any:
        name = request.match_info["index"]
        if name.startswith("_") or name != name.lower():
            raise Refused(400, "invalid_index_name_exception", f"Invalid index name [{name}]")
        if name in self.indexes:
            raise Refused(400, "resource_already_exists_exception", f"index [{name}] already exists")
        is_legacy = int(self.version.split(".")[0]) < 3
        self.indexes[name] = OpenSearchIndex(read(body, NewIndex), next(self._clock), is_legacy=is_legacy)
        return {"acknowledged": True, "shards_acknowledged": True, "index": name}

    def _describe(self, request: web.Request, body: bytes) -> Any:
        named = request.match_info["index"]
        if not named.endswith("*"):
            raise Refused(400, "illegal_argument_exception", "this server knows patterns alone")
        return {
            name: {
                "aliases": dict.fromkeys(one.aliases, NO_DETAILS),
                "mappings": {"_meta": one.new.mappings.meta},
                "settings": {"index": {"creation_date": str(one.created_ms)}},
            }
            for name, one in self.indexes.items()
            if name.startswith(named[:-1])
        }

    def _remove(self, request: web.Request, body: bytes) -> Any:
        self._index(request)
        del self.indexes[request.match_info["index"]]
        return {"acknowledged": True}

    def _alias(self, request: web.Request, body: bytes) -> Any:
        """All of it or nothing."""
        actions = read(body, AliasActions).actions
        for action in actions:
            about = action.add or action.remove
            assert about is not None
            if about.index not in self.indexes:
                raise Refused(404, "index_not_found_exception", f"no such index [{about.index}]")
            if action.remove is not None and about.alias not in self.indexes[about.index].aliases:
                raise Refused(404, "aliases_not_found_exception", f"aliases [{about.alias}] missing")
        for action in actions:
            if action.add is not None:
                self.indexes[action.add.index].aliases.add(action.add.alias)
            elif action.remove is not None:
                self.indexes[action.remove.index].aliases.discard(action.remove.alias)
        return {"acknowledged": True}

    def _index(self, request: web.Request) -> OpenSearchIndex:
        name = request.match_info["index"]
        if name not in self.indexes:
            raise Refused(404, "index_not_found_exception", f"no such index [{name}]")
        return self.indexes[name]

    # ---- documents

    def _bulk(self, request: web.Request, body: bytes) -> Any:
        index, lines, items, touched = self._index(request), lines_of(body), list[Any](), set[int]()
        for line in lines:
            action, about = read(line, Action).named
            source = None if action == "delete" else _document(action, next(lines, b""))
            touched.add(index.shard_of(about.id, about.routing))
            items.append({action: self._operated(index, action, about, source)})
        if not items:
            raise Refused(400, "action_request_validation_exception", "no requests added")
        if request.query.get("refresh") == "true":
            index.refresh(touched)
        return {"took": 1, "errors": any("error" in one for item in items for one in item.values()), "items": items}

    def _operated(self, index: OpenSearchIndex, action: str, about: About, source: Any) -> dict[str, Any]:
        try:
            if self.full:
                self.full -= 1
                raise Refused(429, "opensearch_rejected_execution_exception", "rejected execution of coordinating op")
            status, result = index.apply(action, about, source)
        except Refused as refused:
            return {"_id": about.id, "status": refused.status, "error": refused.told}
        return {"_id": about.id, "status": status, "result": result}

    def _get_many(self, request: web.Request, body: bytes) -> Any:
        index, docs = self._index(request), list[Any]()
        for one in read(body, GetMany).docs:
            kept = index.get(one.id, one.routing)
            found = {} if kept is None else {"_seq_no": kept.seq_no, "_primary_term": 1, "_source": kept.source}
            docs.append({"_id": one.id, "found": kept is not None, **found})
        return {"docs": docs}

    # ---- searches

    def _search(self, request: web.Request, body: bytes) -> Any:
        told = self._index(request).search(read(body, Search))
        told["_shards"]["failed"] = self.failed_shards
        return told

    def _search_many(self, request: web.Request, body: bytes) -> Any:
        index, lines, replies = self._index(request), lines_of(body), list[Any]()
        for line in lines:
            read(line, SearchHeader)
            asked = next(lines, b"")
            try:
                told = index.search(read(asked, Search))
                told["_shards"]["failed"] = self.failed_shards
                replies.append({**told, "status": 200})
            except Refused as refused:
                replies.append({"error": refused.told, "status": refused.status})
        return {"took": 1, "responses": replies}

    def _merge(self, request: web.Request, body: bytes) -> Any:
        self._index(request)
        return {"_shards": {"total": 1, "successful": 1, "failed": 0}}

    def _health(self, request: web.Request, body: bytes) -> Any:
        self._index(request)
        return {"cluster_name": "loopback", "status": "red" if self.failed_shards else "yellow", "timed_out": False}


def _no_such_endpoint(request: web.Request, body: bytes) -> Any:
    raise Refused(
        400, "illegal_argument_exception", f"no handler found for uri [{request.path}] and method [{request.method}]"
    )


def _document(action: str, body: bytes) -> Any:
    return read(body, Update).doc if action == "update" else read(body, dict[str, Any])
