"""What every answer to another agent begins with, and how one is refused, as UCP words it."""

from typing import Any, Final

from pydantic import BaseModel
from ucp_sdk.models.schemas.common.types.message import Message
from ucp_sdk.models.schemas.common.types.message_error import MessageError
from ucp_sdk.models.schemas.common.types.message_info import MessageInfo
from ucp_sdk.models.schemas.common.types.message_warning import MessageWarning

from mangaassist.domain.evidence import Degradation
from mangaassist.errors import AssistantError

VERSION: Final = "2026-08-25"
"""Of UCP: the one whose shapes ``ucp-sdk`` has."""
SEARCH: Final = "dev.ucp.shopping.catalog.search"
LOOKUP: Final = "dev.ucp.shopping.catalog.lookup"
ORDER: Final = "dev.ucp.shopping.order"

CODES: Final = {
    "not_found": "unrecoverable",
    "invalid_request": "recoverable",
    "request_too_large": "recoverable",
    "rate_limited": "recoverable",
    "unavailable": "recoverable",
}
"""Every code that a tool refuses with, and what an agent can do about it: UCP's ``severity``."""


class ToolRefused(AssistantError):
    """There is nothing to give: ``code`` is one of ``CODES``, ``detail`` is for whoever asked."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


def envelope(capability: str = "", status: str = "success") -> dict[str, Any]:
    """UCP's ``ucp`` member. ``capability`` empty: the tool is none of UCP's, and only speaks in its shapes."""
    served = {"capabilities": {capability: [{"version": VERSION}]}} if capability else {}
    return {"version": VERSION, "status": status, **served}


def refusal(refused: ToolRefused, capability: str = "") -> dict[str, Any]:
    """UCP's ``error_response``."""
    worded = MessageError.model_validate(
        {"type": "error", "code": refused.code, "content": refused.detail, "severity": CODES[refused.code]}
    )
    return {"ucp": envelope(capability, "error"), "messages": [plain(worded)]}


def done_without(degraded: tuple[Degradation, ...]) -> list[Message]:
    """A warning for each service that the answer had to do without (S-5)."""
    return [
        MessageWarning.model_validate(
            {
                "type": "warning",
                "code": f"{missed.service}_unavailable",
                "content": f"{missed.service}: {missed.fallback}",
            }
        )
        for missed in degraded
    ]


def told(code: str, content: str) -> MessageInfo:
    return MessageInfo.model_validate({"type": "info", "code": code, "content": content})


def plain(shape: BaseModel) -> dict[str, Any]:
    """The JSON of a shape of UCP's, without what it leaves open."""
    return shape.model_dump(mode="json", by_alias=True, exclude_none=True)
