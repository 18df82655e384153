"""What another desk does in a conversation that it has taken over: signed, fresh, and told once (O-6)."""

from typing import Final

import msgspec
from litestar import Response, post
from litestar.datastructures import State

from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.limits import Standing
from mangaassist.edge.rest import AnyRequest
from mangaassist.edge.signed import taken
from mangaassist.wire.decoding import decode
from mangaassist.wire.desk import DeskTaken
from mangaassist.wire.desk_webhook import AnyDeed, CloseTicket, HandBack, Join, Write

OPERATOR: Final = "desk webhook"
"""As whom another desk does things, in tickets and in the audit."""
_DEED: Final[msgspec.json.Decoder[AnyDeed]] = msgspec.json.Decoder(AnyDeed)


class DeskWebhookEdge:
    """Lives as long as the process."""

    without_key: Final = "No other desk writes to this address."

    def __init__(self, shared: EdgeDependencies) -> None:
        self.shared = shared

    @property
    def key(self) -> bytes | None:
        return self.shared.desk_key

    async def standing(self, address: str) -> Standing:
        return await self.shared.limits.desk_webhook(address)

    async def take(self, delivery: str, raw: bytes) -> DeskTaken:
        """Do what is asked, as the desk does it. A delivery that comes again does nothing anew: joining and words are told once."""
        desk = self.shared.desk
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
    return await taken(request, state.desk_webhook)
