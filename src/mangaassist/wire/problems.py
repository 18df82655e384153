"""Errors as the outside sees them: RFC 9457 problem details (R-6), the same body in REST and in ``error`` frames."""

from http import HTTPStatus

from msgspec import Struct

from mangaassist.errors import BadInput, FieldProblem, Refused

PROBLEM_TYPES = "https://mangaassist.dev/problems/"
MEDIA_TYPE = "application/problem+json"


class WrongField(Struct, frozen=True):
    field: str
    detail: str


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    type: str
    title: str
    status: int
    detail: str
    code: str
    fields: tuple[WrongField, ...] = ()


def problem(status: int, code: str, detail: str, fields: tuple[FieldProblem, ...] = ()) -> Problem:
    """Word a problem; ``code`` is the stable name that clients may branch on."""
    return Problem(
        type=PROBLEM_TYPES + code.replace("_", "-"),
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        fields=tuple(WrongField(wrong.field, wrong.detail) for wrong in fields),
    )


def problem_of(error: BadInput | Refused) -> Problem:
    fields = error.fields if isinstance(error, BadInput) else ()
    return problem(error.status, error.code, str(error), fields)
