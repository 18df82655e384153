"""Pages that an editorial system pushes: signed, fresh, once, and kept before they are acknowledged (K-5)."""

from typing import Final, Protocol

from litestar import Response, post
from litestar.datastructures import State
from msgspec import Struct

from mangaassist.domain.customers import GUEST
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.limits import Standing
from mangaassist.edge.rest import AnyRequest
from mangaassist.edge.signed import taken
from mangaassist.errors import BadInput, ServiceFailure
from mangaassist.knowledge.documents import DocumentChange, PoisonedEvent, decode_change
from mangaassist.knowledge.sources.pushed_events import Kept
from mangaassist.wire.rest import EventView

SOURCE: Final = "editorial"


class Inbox(Protocol):
    """Keeps what is pushed until it is applied: ``knowledge/sources/inbox.py``."""

    async def keep(self, delivery: str, raw: bytes) -> Kept:
        """Keep an event once under the name of its delivery. Raises ``ServiceFailure`` when it cannot be kept."""
        ...


class Webhook(Struct, frozen=True):
    """Where pushed events go, and the key with which their sender signs."""

    inbox: Inbox
    key: bytes


class WebhookEdge:
    """Lives as long as the process. ``webhook`` None: nobody may push anything here."""

    without_key: Final = "Nothing is pushed to this address."

    def __init__(self, shared: EdgeDependencies, webhook: Webhook | None) -> None:
        self.shared = shared
        self._webhook = webhook

    @property
    def key(self) -> bytes | None:
        return self._webhook.key if self._webhook else None

    async def standing(self, address: str) -> Standing:
        """Whoever pushes is held to what a guest's address may ask of the control plane."""
        return await self.shared.limits.control(GUEST, address)

    async def take(self, delivery: str, raw: bytes) -> EventView:
        """Keep an event. Raises ``BadInput`` for one that is there already or no page of an editor, ``ServiceFailure``."""
        assert self._webhook
        change = _change(raw)
        match await self._webhook.inbox.keep(delivery, raw):
            case "known":
                raise BadInput("replayed", "This delivery was taken before.", status=409)
            case "full":
                raise ServiceFailure("knowledge", "error", "too many events wait to be applied")
            case "kept":
                return EventView(id=change.id, version=change.version)


def _change(raw: bytes) -> DocumentChange:
    try:
        change = decode_change(raw)
    except PoisonedEvent as error:
        raise BadInput("invalid_field", f"This is no event: {error.detail}") from error
    if change.source != SOURCE or (change.body is not None and change.body.source_type != SOURCE):
        raise BadInput("invalid_field", f"Only pages of {SOURCE} are pushed here.")
    return change


@post("/webhooks/editorial", status_code=202)
async def editorial_webhook(request: AnyRequest, state: State) -> Response[bytes]:
    return await taken(request, state.webhooks)
