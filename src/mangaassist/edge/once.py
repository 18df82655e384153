"""A message that is answered once, however often it is sent under its key (R-4).

| what became of the key's message | what follows |
|---|---|
| its answer is saved | it is told again, the same bytes |
| it failed | the key is let go, and the message is answered anew |
| it waits, or is being answered | 409, come again |
| nobody took it: whoever began it died | it is taken and answered now |

The record of a key says nothing of an answer, only which message the key stands for: what became of that, session and log tell.
"""

import secrets
from typing import Final

from mangaassist.conversation.conversations import Conversation, Said, new_session_id
from mangaassist.conversation.log import Cursor
from mangaassist.domain.customers import Identity
from mangaassist.edge.answers import Answer, retold
from mangaassist.edge.asking import AnswerFailed, Told, heard_before, heard_out, offered
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.idempotency import IdempotencyRecord
from mangaassist.edge.idempotency_keys import key_space_of, naming, reused
from mangaassist.edge.limits import Standing
from mangaassist.errors import NotFound, Refused
from mangaassist.wire.rest import ChatRequest
from mangaassist.wire.transcript import Transcript

TRIES: Final = 3
"""Each meets a message that failed since the one before."""


class StillAnswering(Refused):
    """The key's message has no answer yet."""

    status = 409
    code = "still_answering"

    def __init__(self) -> None:
        super().__init__("The first request with this key is still being answered. Send it again in a moment.")


async def answered_once(
    shared: EdgeDependencies,
    asked: ChatRequest,
    identity: Identity,
    address: str,
    key: str,
    traceparent: str | None,
) -> Told:
    """``key`` is the client's name for the message. To ask for it costs a token of ``control``, until a message is taken for it.

    Raises ``BadInput`` when the key is too short or stands for another body (422), ``StillAnswering``, and what a message without
    a key may.
    """
    asking = await shared.limits.control(identity, address)
    own = await _own_session(shared, asked.session_id, identity)
    named = naming(key_space_of(identity.customer_id, own, address, key), key, asked)
    session_id, failed = own or new_session_id(), None
    for _ in range(TRIES):
        fresh = IdempotencyRecord(
            key=named.key,
            fingerprint=named.fingerprint,
            session_id=session_id,
            message_id="once-" + secrets.token_urlsafe(12),
            at=shared.now(),
        )
        record = await shared.control.idempotency.begin(fresh)
        opened = await shared.conversations.open_at(record.session_id, identity)
        if opened is None:
            raise NotFound("There is no such conversation.")
        conversation = opened.conversation
        is_new = record.message_id == fresh.message_id
        told = None if is_new else await _told_before(shared, conversation, record.message_id)
        if told is not None and told.problem is not None:
            await shared.control.idempotency.forget(record)
            failed = told.problem
            continue
        if record.fingerprint != named.fingerprint:
            raise reused()
        if told is not None:
            return Told(record.session_id, told, asking, is_replay=True)
        said = Said(message_id=record.message_id, text=asked.message, page=asked.page_context, traceparent=traceparent)
        return await _answered(shared, conversation, said, address, asking)
    assert failed is not None
    raise AnswerFailed(failed)


async def _own_session(shared: EdgeDependencies, session_id: str | None, identity: Identity) -> str | None:
    """The session that is named, if it is the caller's (W-2). Any other is none, and no place for their keys: all may name it."""
    if session_id is None or await shared.conversations.find(session_id, identity) is None:
        return None
    return session_id


async def _told_before(shared: EdgeDependencies, conversation: Conversation, message_id: str) -> Transcript | None:
    """How the answer to a message ended, or None: it has not ended, or it was never taken."""
    turn = await shared.conversations.sessions.turn(conversation.session_id, message_id)
    if turn is None:
        return await heard_before(conversation, message_id)
    transcript = Transcript()
    transcript.apply_all(retold(turn))
    return transcript


async def _answered(
    shared: EdgeDependencies, conversation: Conversation, said: Said, address: str, asking: Standing
) -> Told:
    found, standing = await offered(shared.limits, conversation, said, address)
    if found.verdict == "repeated":
        raise StillAnswering
    await shared.limits.give_back(asking)
    answer = await heard_out(Answer(conversation, said.message_id, Cursor(found.last)), shared.conversations.sessions)
    return Told(conversation.session_id, answer, standing)
