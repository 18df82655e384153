"""What an API Gateway tells of its connections, taken: one opens, says something, goes (W-1, W-3, W-10, W-11, W-13).

Nothing of a connection is in this process: each call finds it in the store, does what the frame asks for and is over. A message is
put into the log, whoever answers it; what is said in return is posted by the process that holds the connection (``following``).
"""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mangaassist.conversation.conversations import Opened
from mangaassist.conversation.entries import Sealer
from mangaassist.conversation.log import Cursor
from mangaassist.domain.customers import Identity
from mangaassist.edge.api_gateway.connections import Connections, GatewayConnection, changed
from mangaassist.edge.api_gateway.farewells import FAREWELLS
from mangaassist.edge.api_gateway.management import Management
from mangaassist.edge.connection import Ask, Close, Effect, On, Send
from mangaassist.edge.cursors import cursor_of, first_of
from mangaassist.edge.identity import token_of
from mangaassist.edge.speaking import Speaker, Speaking
from mangaassist.errors import NotFound, ServiceFailure
from mangaassist.telemetry.analytics import Closed
from mangaassist.wire.frames import MAX_FRAME_BYTES, ErrorFrame, ServerFrame
from mangaassist.wire.problems import AWAY

TAKEN_WITHIN_S: Final = 25.0
"""An integration has 29 s."""
NEVER: Final = float("-inf")
_ENCODER: Final = msgspec.json.Encoder()


class Handshake(Struct, frozen=True, kw_only=True):
    """A connection that opens. ``scope`` holds ``headers`` and ``subprotocols`` as an ASGI server has them, ``query`` what a
    URL's query says."""

    connection_id: str
    address: str
    at: datetime
    scope: Mapping[str, Any]
    query: Mapping[str, list[str]]


class Hearing:
    """Lives as long as the process, or as the function. ``idle_timeout_s`` is of a connection without a frame."""

    def __init__(
        self,
        shared: Speaking,
        connections: Connections,
        management: Management,
        sealer: Sealer,
        idle_timeout_s: float,
    ) -> None:
        self.shared = shared
        self.connections = connections
        self.management = management
        self.sealer = sealer
        self._idle_timeout_s = idle_timeout_s

    async def connect(self, handshake: Handshake) -> None:
        """A connection is there from now on, of whoever's token it shows.

        Raises as ``TokenVerifier.identify`` does, ``TooMany`` and ``ServiceFailure``: then it is refused.
        """
        async with asyncio.timeout(TAKEN_WITHIN_S):
            await self.shared.limits.connect(handshake.address)
            known = await self.shared.verifier.identify(token_of(handshake.scope))
            opened = await self.shared.conversations.open(first_of(handshake.query, "session_id"), known)
            cursor = cursor_of(handshake.query, opened.session.ceiling) if opened.resumed else None
            await self.connections.keep(self._made(handshake, known, opened, cursor))

    def _made(
        self, handshake: Handshake, identity: Identity, opened: Opened, cursor: Cursor | None
    ) -> GatewayConnection:
        return with_identity(
            GatewayConnection(
                connection_id=handshake.connection_id,
                session_id=opened.conversation.session_id,
                address=handshake.address,
                connected_at=handshake.at,
                heard_at=self.shared.now(),
                resumed=opened.resumed,
                begins=opened.conversation.begins,
                seq=None if cursor is None else cursor.seq,
                epoch=None if cursor is None else cursor.epoch,
                together=first_of(handshake.query, "together") == "1",
            ),
            identity,
            self.sealer,
        )

    async def disconnect(self, connection_id: str) -> None:
        """It is gone; what is being answered goes on (W-10)."""
        gone = await self.connections.find(connection_id)
        await self.connections.forget(connection_id)
        if gone is not None:
            open_s = (self.shared.now() - gone.connected_at).total_seconds()
            closed = Closed(connection_id=secrets.token_hex(8), open_s=round(open_s, 3), resumed=gone.resumed)
            self.shared.analytics.note(closed, gone.session_id, gone.customer_id)
            self.shared.analytics.hurry()

    async def hear(self, connection_id: str, text: str | None) -> None:
        """A frame came; None: one that is no text. Whatever is wrong with it is posted, and no error of this call.

        Raises ``NotFound`` for a connection that nobody knows: it is ended, and its client comes back with its cursor.
        """
        try:
            async with asyncio.timeout(TAKEN_WITHIN_S):
                known = await self.connections.find(connection_id)
                if known is None:
                    await self.management.close(connection_id)
                    raise NotFound("There is no such connection.")
                await self._heard(known, text)
        except (ServiceFailure, TimeoutError):
            await self._post(connection_id, ErrorFrame(problem=AWAY))

    async def _heard(self, known: GatewayConnection, text: str | None) -> None:
        await OneFrame(self, known, self._idle_timeout_s).hear(text)

    async def renew(self, connection_id: str, identity: Identity) -> None:
        """Somebody goes on as who their new token says."""
        await changed(self.connections, connection_id, lambda known: with_identity(known, identity, self.sealer))

    async def _post(self, connection_id: str, frame: ServerFrame) -> bool:
        return await self.management.post(connection_id, _ENCODER.encode(frame))


class OneFrame(Speaker):
    """A connection for the time of one frame."""

    __slots__ = ("_hearing", "_known", "_with_a_person")

    def __init__(self, hearing: Hearing, known: GatewayConnection, idle_timeout_s: float) -> None:
        super().__init__(hearing.shared, identity_of(known, hearing.sealer), known.address, idle_timeout_s)
        self._hearing = hearing
        self._known = known
        self._with_a_person = False
        self._connection.page = known.page
        self._connection.heard_at = NEVER

    async def hear(self, text: str | None) -> None:
        if text is None:
            await self.tell(On.BINARY)
        elif len(text.encode()) > MAX_FRAME_BYTES:
            await self._close(Close(1009, "too long"))
        else:
            effects = self._connection.receive_text(text, self._shared.clock())
            is_first = self._connection.heard_at != NEVER and await self._remember(effects)
            if all(isinstance(effect, Send | Close) for effect in effects) or await self._open(is_first):
                await self._do(effects)

    async def _remember(self, effects: tuple[Effect, ...]) -> bool:
        """When the client was heard, and where it is; whether this is the first message of a conversation that is its own."""
        page, now, was = self._connection.page, self._shared.now(), [False]
        asks = any(isinstance(effect, Ask) for effect in effects)

        def heard(known: GatewayConnection) -> GatewayConnection:
            was[0] = known.begins
            return replace(known, page=page, heard_at=max(now, known.heard_at), begins=known.begins and not asks)

        await changed(self._hearing.connections, self._known.connection_id, heard)
        return asks and was[0]

    async def _open(self, is_first: bool) -> bool:
        """False when the conversation is somebody else's by now."""
        conversations, session_id = self._shared.conversations, self._known.session_id
        opened = await conversations.open_at(session_id, self._identity, is_alone=is_first)
        if opened is None:
            await self.tell(On.REVOKED)
            return False
        self._conversation = opened.conversation
        self._with_a_person = opened.session.is_with_a_person
        return True

    async def _say(self, frame: ServerFrame) -> None:
        await self._hearing.management.post(self._known.connection_id, _ENCODER.encode(frame))

    async def _close(self, close: Close) -> None:
        await farewell(self._hearing.management, self._known.connection_id, close.code)
        await self._hearing.connections.forget(self._known.connection_id)

    @property
    def _is_watched(self) -> bool:
        return self._with_a_person

    async def _signs_in(self) -> None:
        """Nothing follows here."""

    async def _signed_in(self) -> None:
        """Whoever posts to it hears as the customer from now on."""
        await self._hearing.renew(self._known.connection_id, self._identity)

    async def _goes_on(self) -> None:
        """Whoever posts to it goes on by itself."""


async def farewell(management: Management, connection_id: str, code: int) -> None:
    """End a connection, and say why."""
    if (frame := FAREWELLS.get(code)) is not None:
        await management.post(connection_id, _ENCODER.encode(frame))
    await management.close(connection_id)


def with_identity(connection: GatewayConnection, identity: Identity, sealer: Sealer) -> GatewayConnection:
    return replace(
        connection,
        customer_id=identity.customer_id,
        token=sealer.sealed(identity.token, connection.connection_id) if identity.token else b"",
        expires_at=identity.expires_at,
    )


def identity_of(connection: GatewayConnection, sealer: Sealer) -> Identity:
    """A token that cannot be opened any more is none: services that need it then refuse."""
    token = sealer.opened(connection.token, connection.connection_id) if connection.token else None
    return Identity(connection.customer_id, token, connection.expires_at)
