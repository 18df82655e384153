"""Pages, what they load, and both documents (R-8)."""

import re
from html import escape
from typing import Final

from litestar import MediaType, Response, get
from litestar.datastructures import State
from litestar.params import FromPath

from mangaassist.domain.store_facts import StoreFacts
from mangaassist.edge.console import ConsoleEdge
from mangaassist.edge.rest import AnyRequest, RestEdge
from mangaassist.edge.web_files import FILES
from mangaassist.errors import NotFound

_HOME: Final = FILES["home.html"].body.decode()
_STORE_HERE: Final = "<!-- store -->"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_REFUSED: Final = re.compile(r"q=0(?:\.0*)?")
SECTIONS: Final = frozenset({"turns", "audit", "knowledge", "pages", "faults"})
"""The console's pages beside its first."""
OWN_ALONE: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
"""What a page of operators may load and ask: of this server alone, and nobody frames it."""


@get("/schema/openapi.json", sync_to_thread=False)
def openapi_document(state: State) -> Response[bytes]:
    return Response(state.openapi, media_type="application/json")


@get("/schema/asyncapi.json", sync_to_thread=False)
def asyncapi_document(state: State) -> Response[bytes]:
    return Response(state.asyncapi, media_type="application/json")


@get("/docs", sync_to_thread=False)
def docs_page(request: AnyRequest) -> Response[bytes]:
    return _file(request, "docs.html")


@get("/", sync_to_thread=False)
def home(state: State) -> Response[str]:
    """The assistant's own page, with the way to the store that it speaks for."""
    edge: RestEdge = state.rest
    page = _HOME.replace(_STORE_HERE, _store_line(edge.shared.facts()))
    return Response(
        page, media_type=MediaType.HTML, headers={"access-control-allow-origin": "*", "cache-control": _ASK_AGAIN}
    )


def _store_line(facts: StoreFacts) -> str:
    if not facts.origin:
        return ""
    name = escape(facts.name or "The store")
    return f'<li><a href="{escape(facts.origin)}/">{name}</a><span>the store that it speaks for</span></li>'


@get("/ops/desk")
async def desk_page(request: AnyRequest, state: State) -> Response[bytes]:
    return await _of_operators(request, state, "desk.html")


@get("/ops")
async def ops_page(request: AnyRequest, state: State) -> Response[bytes]:
    return await _of_operators(request, state, "ops.html")


@get("/ops/{section:str}")
async def ops_section(request: AnyRequest, state: State, section: FromPath[str]) -> Response[bytes]:
    if section not in SECTIONS:
        raise NotFound("The console has no such page.")
    return await _of_operators(request, state, "ops.html")


async def _of_operators(request: AnyRequest, state: State, path: str) -> Response[bytes]:
    """A page says nothing by itself: what it shows it asks for as whoever looks at it, who may have yet to sign in.

    A customer is told in words that it is none of theirs.
    """
    edge: ConsoleEdge = state.console
    is_theirs = not await edge.is_customer(request)
    page = _file(request, path if is_theirs else "not-yours.html")
    page.status_code = page.status_code if is_theirs else 403
    page.headers |= {
        "content-security-policy": OWN_ALONE,
        "referrer-policy": "no-referrer",
        "vary": "accept-encoding, cookie",
    }
    del page.headers["access-control-allow-origin"]
    return page


@get("/widget/{name:str}", sync_to_thread=False)
def web_file(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    return _file(request, name)


@get("/widget/{version:str}/{name:str}", sync_to_thread=False)
def web_file_for_ever(request: AnyRequest, version: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A file whose address names its content: it may be kept for good."""
    return _file(request, f"{version}/{name}")


def _file(request: AnyRequest, path: str) -> Response[bytes]:
    file = FILES.get(path)
    if file is None:
        raise NotFound("There is no such file.")
    headers = {
        "access-control-allow-origin": "*",
        "cache-control": _FOR_EVER if file.is_immutable else _ASK_AGAIN,
        "etag": file.etag,
        "vary": "accept-encoding",
    }
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    accepted = _accepted(request.headers.get("accept-encoding", ""))
    for encoding, packed in file.packed.items():
        if encoding in accepted:
            headers["content-encoding"] = encoding
            return Response(packed, media_type=file.media_type, headers=headers)
    return Response(file.body, media_type=file.media_type, headers=headers)


def _accepted(header: str) -> frozenset[str]:
    """The encodings that an ``Accept-Encoding`` names and does not refuse, "br;q=0" (RFC 9110, 12.5.3)."""
    told = (one.partition(";") for one in header.lower().replace(" ", "").split(","))
    return frozenset(name for name, _, weight in told if not _REFUSED.fullmatch(weight))
