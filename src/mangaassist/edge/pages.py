"""Pages, what they load, and both documents (R-8)."""

from importlib import resources
from typing import Final

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath

from mangaassist.errors import NotFound

_WEB: Final = resources.files("mangaassist") / "web"
_MEDIA_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
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


@get("/widget/{name:str}", sync_to_thread=False)
def web_file(name: FromPath[str]) -> Response[bytes]:
    return _file(name)


def _file(name: str) -> Response[bytes]:
    """A file of the web folder, by its bare name: there are no subfolders to walk into."""
    suffix = name[name.rfind(".") :]
    file = _WEB / name
    if "/" in name or "\\" in name or suffix not in _MEDIA_TYPES or not file.is_file():
        raise NotFound(f"There is no {name} here.")
    headers = {"access-control-allow-origin": "*", "cache-control": "no-cache"}
    return Response(file.read_bytes(), media_type=_MEDIA_TYPES[suffix], headers=headers)
