"""Errors as the outside sees them: RFC 9457 problem details (R-6), the same body in REST and in ``error`` frames."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from msgspec import Struct

from mangaassist.errors import BadInput, FieldProblem, Refused, TooMany

PROBLEM_TYPES = "https://mangaassist.dev/problems/"
MEDIA_TYPE = "application/problem+json"


CODES: Final[Mapping[str, str]] = {
    "bad_request": "The request cannot be read.",
    "busy": "Three messages wait already, or the conversation is still answering. Ask again when an answer is there.",
    "draining": "The server is going away and takes nothing new. Come back in a moment: another one answers.",
    "forbidden": "The page's origin is not on the allow-list, the conversation is somebody else's, or operators alone may do this.",
    "given_up": "The answer was begun three times and never ended. Ask in other words.",
    "headers_too_large": "The headers are larger than the server reads.",
    "id_reused": "The `id` of this message was used for another message.",
    "identity_unavailable": "Sign-in cannot be checked just now. A guest may come in.",
    "internal": "Something went wrong on our side.",
    "invalid_encoding": "The text is not UTF-8, or holds a NUL or a lone surrogate.",
    "invalid_field": "A field is missing, of another type or too long; `fields` names it.",
    "invalid_json": "The text is no JSON, or is nested too deeply.",
    "key_reused": "The `Idempotency-Key` came with another body before.",
    "method_not_allowed": "The address does not take this method; `Allow` says which it takes.",
    "misdirected_request": "The server does not answer under this host name: it is not among its allowed hosts.",
    "not_found": "There is no such thing, or it is somebody else's.",
    "overloaded": "More is asked than can be answered in time. Ask again in a moment.",
    "preflight_refused": "A browser's page may not ask this: its origin, the method or a header is not on the allow-list.",
    "refused": "The request was refused; its status says why.",
    "replayed": "This delivery was taken before; a new one is signed anew.",
    "request_too_slow": "The request did not arrive in time.",
    "still_answering": "The first request under this `Idempotency-Key` is being answered; `Retry-After` says when to come.",
    "token_expiring": "No mistake: the token ends in 60 s. Send `auth` with a fresh one.",
    "too_large": "The body is larger than 64 KiB.",
    "too_many_requests": "Too many, too fast; `Retry-After` says when to come again.",
    "too_slow": "The answer took too long.",
    "unauthenticated": "The token is wrong or has ended. Sign in again.",
    "unavailable": "The assistant cannot take messages just now. Come back in a moment.",
    "unsaved": "The answer could not be saved. Ask again, under a new `id`.",
    "unsupported_media_type": "The body does not say that it is JSON.",
    "upgrade_required": "The address is a WebSocket's.",
    "url_too_long": "The address is longer than the server reads.",
    "wrong_state": "The state of the ticket or page does not allow this: somebody else is in, it is over, or it has changed since.",
}
"""Every code of a problem, and what it tells. Clients branch on codes; what they do not know they show by its ``detail``."""

RETRY_AFTER_S: Final[Mapping[str, int]] = {
    "busy": 1,
    "draining": 1,
    "identity_unavailable": 5,
    "overloaded": 2,
    "still_answering": 1,
    "unavailable": 5,
    "unsaved": 5,
}
"""After how many seconds another try makes sense, of what passes by itself. How long ``too_many_requests`` lasts is counted."""


class WrongField(Struct, frozen=True):
    field: str
    detail: str


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``retry_after_s``: after so many seconds another try makes sense."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    fields: tuple[WrongField, ...] = ()
    retry_after_s: int | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        """What an HTTP response says beside this body."""
        return {} if self.retry_after_s is None else {"retry-after": str(self.retry_after_s)}


def problem(
    status: int, code: str, detail: str, fields: tuple[FieldProblem, ...] = (), retry_after_s: int | None = None
) -> Problem:
    """Word a problem; ``code`` is the stable name that clients may branch on, and says how long it lasts unless that is given."""
    return Problem(
        type=PROBLEM_TYPES + code.replace("_", "-"),
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        fields=tuple(WrongField(wrong.field, wrong.detail) for wrong in fields),
        retry_after_s=RETRY_AFTER_S.get(code) if retry_after_s is None else retry_after_s,
    )


NOT_TAKEN: Final[Mapping[str, Problem]] = {
    "busy": problem(409, "busy", "I'm still answering. Please wait for an answer before asking more."),
    "id_reused": problem(409, "id_reused", "This message id was used for another message already."),
}
"""What is said to a message that the log did not take, by its verdict."""

NO_IDENTITY: Final = problem(503, "identity_unavailable", "Sign-in cannot be checked just now.")
AWAY: Final = problem(503, "unavailable", "I can't take messages just now. Please try again in a moment.")
CUT_OFF: Final = problem(503, "unavailable", "The answer could not be followed to its end. Please ask again.")
TOO_SLOW: Final = problem(504, "too_slow", "The answer took too long. Please ask again.")


def problem_of(error: BadInput | Refused) -> Problem:
    fields = error.fields if isinstance(error, BadInput) else ()
    retry_after_s = error.retry_s if isinstance(error, TooMany) else None
    return problem(error.status, error.code, str(error), fields, retry_after_s)
