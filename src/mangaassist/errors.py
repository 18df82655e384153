"""Every error of the assistant, as one tree.

AssistantError
├── BadInput              what came from outside does not fit; names the fields
├── Refused               the caller may not do this, or not now
│   ├── Unauthenticated   401
│   ├── Forbidden         403
│   ├── NotFound          404
│   ├── Misdirected       421; not under a name of ours
│   ├── Draining          503; this process is about to stop
│   └── TooMany           429; says what there was too much of, and when to come again
├── ServiceFailure        a downstream service could not be used; ``transient`` says whether a retry can help
├── ModelFailure          a model could not be used
├── Superseded            what this process held of a conversation is not its own any more
│   ├── Fenced            somebody else holds the lease now
│   └── EpochLost         the log that the lease belongs to is gone, and another has begun
├── Conflict              a session was saved by somebody else first; reload it
├── Overloaded            more is asked than can be answered in time
├── SettingsInvalid       the configuration has mistakes; names all of them
└── StartFailed           the process cannot start; says what to do

Errors carry fields; ``__str__`` words them. Retry, fallback and breaker read ``transient`` and ``counts``, never types.
"""

from collections.abc import Sequence
from typing import Literal

FailureKind = Literal[
    "timeout", "unreachable", "error", "rejected", "contract", "open", "unauthenticated", "out_of_time"
]
ModelFailureKind = Literal["busy", "timeout", "unreachable", "error", "rejected", "filtered", "contract", "failed"]


class AssistantError(Exception):
    """Anything that the assistant raises on purpose."""


class FieldProblem:
    """One wrong field: its path (``page_context.cart_asins[0]``) and what is wrong with it."""

    __slots__ = ("detail", "field")

    def __init__(self, field: str, detail: str) -> None:
        self.field = field
        self.detail = detail

    def __repr__(self) -> str:
        return f"{self.field}: {self.detail}"


class BadInput(AssistantError):
    def __init__(self, code: str, detail: str, fields: Sequence[FieldProblem] = (), status: int = 400) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.fields = tuple(fields)
        self.status = status

    def __str__(self) -> str:
        return self.detail


class Refused(AssistantError):
    status = 403
    code = "refused"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


class Unauthenticated(Refused):
    """``challenge`` says how to sign in (RFC 6750)."""

    status = 401
    code = "unauthenticated"

    def __init__(self, detail: str, challenge: str = "Bearer") -> None:
        super().__init__(detail)
        self.challenge = challenge


class Forbidden(Refused):
    status = 403
    code = "forbidden"


class Draining(Refused):
    status = 503
    code = "draining"

    def __init__(self) -> None:
        super().__init__("This server is about to stop. Please try again.")


class NotFound(Refused):
    status = 404
    code = "not_found"


class Misdirected(Refused):
    status = 421
    code = "misdirected_request"


class TooMany(Refused):
    """Over a limit (R-5). ``policy`` names it: ``limit`` of it within ``window_s``; one more may come in ``retry_s`` seconds."""

    status = 429
    code = "too_many_requests"

    def __init__(self, detail: str, policy: str, limit: int, window_s: float, retry_s: int) -> None:
        super().__init__(detail)
        self.policy = policy
        self.limit = limit
        self.window_s = window_s
        self.retry_s = retry_s


class ServiceFailure(AssistantError):
    """A call that gave no usable answer.

    ``kind`` says how it failed. A timeout, an unreachable peer, a 5xx and an answer outside the contract count against the
    breaker; a call that the service rejected as wrong (4xx) or for which the turn had no time left does not (S-4).
    """

    def __init__(self, service: str, kind: FailureKind, detail: str = "") -> None:
        super().__init__(service, kind, detail)
        self.service = service
        self.kind: FailureKind = kind
        self.detail = detail

    @property
    def transient(self) -> bool:
        """A second try may help."""
        return self.kind in ("timeout", "unreachable", "error")

    @property
    def counts(self) -> bool:
        """The breaker hears of it."""
        return self.kind in ("timeout", "unreachable", "error", "contract")

    def __str__(self) -> str:
        return f"{self.service}: {self.kind}" + (f" ({self.detail})" if self.detail else "")


class ModelFailure(AssistantError):
    """A model that gave no usable answer.

    ``kind`` says how it failed: too much is asked of it at once (busy), it is late, not to be reached, has a fault of its own
    (error), refuses the call (rejected) or the text (filtered), or says what nobody can read (contract); else it failed.
    """

    def __init__(self, model: str, detail: str, kind: ModelFailureKind = "failed") -> None:
        super().__init__(model, detail)
        self.model = model
        self.detail = detail
        self.kind: ModelFailureKind = kind

    @property
    def transient(self) -> bool:
        """A second try may help."""
        return self.kind in ("busy", "timeout", "unreachable", "error")

    def __str__(self) -> str:
        return f"{self.model}: {self.detail}"


class Superseded(AssistantError):
    """Nothing that was held may be written any more. ``session_id`` is told by its beginning alone."""

    def __init__(self, session_id: str) -> None:
        super().__init__(session_id)
        self.session_id = session_id

    def __str__(self) -> str:
        return f"session {self.session_id[:6]}… is not held any more"


class Fenced(Superseded):
    pass


class EpochLost(Superseded):
    pass


class Conflict(AssistantError):
    def __init__(self, session_id: str, version: int) -> None:
        super().__init__(session_id, version)
        self.session_id = session_id
        self.version = version

    def __str__(self) -> str:
        return f"session {self.session_id[:6]}… already has a version {self.version}"


class Overloaded(AssistantError):
    def __str__(self) -> str:
        return "We're very busy right now. Please ask again in a moment."


class SettingsInvalid(AssistantError):
    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__(*mistakes)
        self.mistakes = tuple(mistakes)

    def __str__(self) -> str:
        count = len(self.mistakes)
        lines = "\n".join(f"  - {mistake}" for mistake in self.mistakes)
        return f"The settings have {count} mistake{'s' if count != 1 else ''}:\n{lines}"


class StartFailed(AssistantError):
    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return self.detail
