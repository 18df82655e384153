"""Pages, what they load, and both documents (R-8)."""

from importlib import resources
from typing import Final

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath

from mangaassist.errors import NotFound

_MEDIA_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}
OWN_ALONE: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
"""What a page of operators may load and ask: of this server alone, and nobody frames it."""
_FILES: Final = {
    file.name: file
    for file in (resources.files("mangaassist") / "web").iterdir()
    if file.name[file.name.rfind(".") :] in _MEDIA_TYPES
}


@get("/schema/openapi.json", sync_to_thread=False)
def openapi_document(state: State) -> Response[bytes]:
    return Response(state.openapi, media_type="application/json")


@get("/schema/asyncapi.json", sync_to_thread=False)
def asyncapi_document(state: State) -> Response[bytes]:
    return Response(state.asyncapi, media_type="application/json")


@get("/docs", sync_to_thread=False)
def docs_page() -> Response[bytes]:
    return _file("docs.html")


@get("/", sync_to_thread=False)
def home() -> Response[bytes]:
    return _file("home.html")


@get("/ops/desk", sync_to_thread=False)
def desk_page() -> Response[bytes]:
    """It says nothing by itself: what it shows it asks for as whoever looks at it."""
    page = _file("desk.html")
    page.headers |= {"content-security-policy": OWN_ALONE, "referrer-policy": "no-referrer"}
    del page.headers["access-control-allow-origin"]
    return page


@get("/widget/{name:str}", sync_to_thread=False)
def web_file(name: FromPath[str]) -> Response[bytes]:
    return _file(name)


def _file(name: str) -> Response[bytes]:
    file = _FILES.get(name)
    if file is None:
        raise NotFound("There is no such file.")
    headers = {"access-control-allow-origin": "*", "cache-control": "no-cache"}
    return Response(file.read_bytes(), media_type=_MEDIA_TYPES[name[name.rfind(".") :]], headers=headers)
