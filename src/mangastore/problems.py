"""Errors as the shopper's software sees them: RFC 9457 problem documents, whatever went wrong."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec

logger = logging.getLogger("mangastore")

PROBLEM_MEDIA_TYPE = "application/problem+json"


_MISSING = re.compile(r"Missing required \w+ parameter '(\w+)'")
_DETAILS = {
    HTTPStatus.BAD_REQUEST: "The body is not the JSON that belongs here.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
}


class FieldProblem(msgspec.Struct):
    """One field of a request and what is wrong with it."""

    name: str
    message: str


class Problem(msgspec.Struct, omit_defaults=True):
    """A problem document; `code` is the word that software reads."""

    title: str
    status: int
    detail: str
    code: str
    type: str = msgspec.field(default_factory=lambda: "about:blank")
    fields: list[FieldProblem] = []


class ProblemError(Exception):
    """Ends a request with a problem document."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, code, detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers = dict(headers or {})

    def __str__(self) -> str:
        return f"{self.status.value} {self.code}: {self.detail}"


def not_found(what: str) -> ProblemError:
    """There is no such thing, or it is somebody else's, which looks the same."""
    return ProblemError(HTTPStatus.NOT_FOUND, "not_found", f"There is no such {what}.")


def unauthorised(detail: str = "Sign in to see this.") -> ProblemError:
    """No valid token came with the request."""
    return ProblemError(HTTPStatus.UNAUTHORIZED, "unauthorised", detail, {"WWW-Authenticate": "Bearer"})


PROBLEM_RESPONSES = {
    400: ResponseSpec(Problem, description="The request does not fit.", media_type=MediaType.JSON),
}
PRIVATE_RESPONSES = {
    **PROBLEM_RESPONSES,
    401: ResponseSpec(Problem, description="No valid token.", media_type=MediaType.JSON),
}
OWNED_RESPONSES = {
    **PRIVATE_RESPONSES,
    404: ResponseSpec(Problem, description="Not there, or somebody else's.", media_type=MediaType.JSON),
}
DEED_RESPONSES = {
    **OWNED_RESPONSES,
    409: ResponseSpec(Problem, description="This can no longer be done.", media_type=MediaType.JSON),
}


def render(problem: Problem, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """The response that carries a problem."""
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def _from_problem_error(_: Request[Any, Any, Any], error: ProblemError) -> Response[bytes]:
    status = error.status
    return render(Problem(status.phrase, status.value, error.detail, error.code), error.headers)


def _from_validation(_: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    entries = [entry for entry in cast("list[dict[str, object]]", error.extra or []) if "message" in entry]
    fields = [FieldProblem(str(entry.get("key", "")), str(entry["message"])) for entry in entries]
    missing = _MISSING.search(error.detail or "")
    if missing:
        fields.append(FieldProblem(missing.group(1), "is missing"))
    return render(Problem("Bad Request", 400, "The request does not fit.", "validation", fields=fields))


def _from_http_exception(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    status = HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "_")
    detail = _DETAILS.get(status, status.description or status.phrase)
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
    return render(Problem(status.phrase, status.value, detail, code), headers)


def _from_deep_nesting(_: Request[Any, Any, Any], __: RecursionError) -> Response[bytes]:
    return render(Problem("Bad Request", 400, "The body is nested too deeply.", "nested_too_deeply"))


def _from_anything(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    logger.error("request failed: %s %s", request.method, request.url.path, exc_info=error)
    return render(Problem("Internal Server Error", 500, "Something went wrong in the store.", "internal"))


EXCEPTION_HANDLERS: Any = {
    ProblemError: _from_problem_error,
    ValidationException: _from_validation,
    HTTPException: _from_http_exception,
    RecursionError: _from_deep_nesting,
    Exception: _from_anything,
}
