"""Pages that an editorial system pushes: signed, fresh, once, and kept before they are acknowledged (K-5)."""

from typing import Final, Protocol

from litestar import Response, post
from litestar.datastructures import State
from msgspec import Struct

from mangaassist.domain.customers import GUEST
from mangaassist.edge.addresses import address_of
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.limits import Standing
from mangaassist.edge.rest import AnyRequest, json_body, json_response
from mangaassist.errors import BadInput, NotFound, ServiceFailure
from mangaassist.knowledge.documents import DocumentChange, PoisonedEvent, decode_change
from mangaassist.knowledge.sources.inbox import Kept
from mangaassist.wire.rest import EventView
from mangaassist.wire.webhook_signatures import HEADER, delivery_of

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

    def __init__(self, shared: EdgeDependencies, webhook: Webhook | None) -> None:
        self._shared = shared
        self._webhook = webhook

    async def standing(self, address: str) -> Standing:
        """Raises ``TooMany``: whoever pushes is held to what a guest's address may ask of the control plane."""
        return await self._shared.limits.control(GUEST, address)

    async def receive(self, signature: str | None, raw: bytes) -> EventView:
        """Take an event. Raises ``Refused`` for one that is not signed, not fresh, there already, or no page of an editor."""
        if self._webhook is None:
            raise NotFound("Nothing is pushed to this address.")
        delivery = delivery_of(signature, raw, self._webhook.key, self._shared.now().timestamp())
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
    edge: WebhookEdge = state.webhooks
    standing = await edge.standing(address_of(request.scope))
    json_body(request)
    taken = await edge.receive(request.headers.get(HEADER), await request.body())
    return json_response(taken, status=202, headers=standing.headers())
