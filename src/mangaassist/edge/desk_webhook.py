"""What another desk does in a conversation that it has taken over: signed, fresh, and told once (O-6)."""

from typing import Final

import msgspec
from litestar import Response, post
from litestar.datastructures import State

from mangaassist.edge.addresses import address_of
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.limits import Standing
from mangaassist.edge.rest import AnyRequest, json_body, json_response
from mangaassist.errors import NotFound
from mangaassist.wire.decoding import decode
from mangaassist.wire.desk import DeskTaken
from mangaassist.wire.desk_webhook import AnyDeed, CloseTicket, HandBack, Join, Write
from mangaassist.wire.webhook_signatures import HEADER, delivery_of

OPERATOR: Final = "desk webhook"
"""As whom another desk does things, in tickets and in the audit."""
_DEED: Final[msgspec.json.Decoder[AnyDeed]] = msgspec.json.Decoder(AnyDeed)


class DeskWebhookEdge:
    """Lives as long as the process."""

    def __init__(self, shared: EdgeDependencies) -> None:
        self._shared = shared

    async def standing(self, address: str) -> Standing:
        """Raises ``TooMany``."""
        return await self._shared.limits.desk_webhook(address)

    async def receive(self, given: str | None, raw: bytes) -> DeskTaken:
        """Do what is asked. A delivery that comes again does nothing anew: joining and words are told once.

        Raises ``Refused`` for one that is not signed or not fresh, and as the desk does.
        """
        key, desk = self._shared.desk_key, self._shared.desk
        if key is None:
            raise NotFound("No other desk writes to this address.")
        delivery_of(given, raw, key, self._shared.now().timestamp())
        deed: AnyDeed = decode(_DEED, raw)
        match deed:
            case Join():
                await desk.join(deed.ticket_id, OPERATOR, deed.name)
            case Write():
                await desk.write(deed.ticket_id, OPERATOR, deed.id, deed.content)
            case HandBack():
                await desk.hand_back(deed.ticket_id, OPERATOR)
            case CloseTicket():
                await desk.close(deed.ticket_id, OPERATOR)
        return DeskTaken(id=deed.ticket_id)


@post("/webhooks/desk", status_code=202)
async def desk_webhook(request: AnyRequest, state: State) -> Response[bytes]:
    edge: DeskWebhookEdge = state.desk_webhook
    standing = await edge.standing(address_of(request.scope))
    json_body(request)
    taken = await edge.receive(request.headers.get(HEADER), await request.body())
    return json_response(taken, status=202, headers=standing.headers())
