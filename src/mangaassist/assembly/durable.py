"""What must not be lost (O-7): sessions, control, audit and the stream of analytics, on the disk or in DynamoDB and Kinesis."""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct

from mangaassist.conversation.sessions import SessionStore
from mangaassist.edge.api_gateway.connections import Connections
from mangaassist.edge.dependencies import ControlStores
from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.guardrails.audit import AuditLog
from mangaassist.guardrails.audit_retention import retained
from mangaassist.guardrails.audit_seal import AuditSeal
from mangaassist.services.caller import utc_now
from mangaassist.settings import Settings
from mangaassist.stores.sqlite.analytics import SqliteEventStream
from mangaassist.stores.sqlite.audit import SqliteAuditLog
from mangaassist.stores.sqlite.control import SqliteControl
from mangaassist.stores.sqlite.sessions import SqliteSessionStore
from mangaassist.telemetry.analytics import EventStream
from mangaassist.telemetry.logs import logger

AUDIT_FILE: Final = "audit.db"

_log = logger("assembly")


class Durable(Struct, frozen=True):
    """What outlives every process: in the DynamoDB table that the settings name, for all of them; else on the disk, for one."""

    sessions: SessionStore
    control: ControlStores
    connections: Connections
    ping_control: Callable[[], Awaitable[None]]
    audit: AuditLog
    seal: AuditSeal


@asynccontextmanager
async def opened_durable(settings: Settings, data: Path) -> AsyncGenerator[Durable]:
    async with AsyncExitStack() as exits:
        seal = audit_seal(settings)
        if settings.dynamodb.table:
            durable = await _durable_in_dynamodb(settings, seal)
        else:
            control = SqliteControl(data / "control.db")
            exits.push_async_callback(control.close)
            audit = SqliteAuditLog(data / AUDIT_FILE, seal)
            sessions = SqliteSessionStore(data / "sessions.db")
            durable = Durable(sessions, control.stores, control.connections, control.ping, audit, seal)
        exits.push_async_callback(durable.sessions.close)
        exits.push_async_callback(durable.audit.close)
        yield durable


def audit_seal(settings: Settings) -> AuditSeal:
    """The audit's keys: of the environment where the settings name a variable, else of a file."""
    name = settings.audit.key_env
    return AuditSeal.of_text(os.environ.get(name, ""), name) if name else AuditSeal.kept_in(settings.audit_keys)


@asynccontextmanager
async def audit_retained(settings: Settings, audit: AuditLog) -> AsyncGenerator[None]:
    """The trail is kept as long as the settings say, and the log hears where it ends."""

    def note(head: str) -> None:
        _log.info("audit_head", head=head)

    def failed(failure: ServiceFailure) -> None:
        _log.warning("audit_retention_failed", failure=str(failure))

    async with retained(audit, timedelta(days=settings.audit.keep_days), utc_now, note, failed):
        yield


async def _durable_in_dynamodb(settings: Settings, seal: AuditSeal) -> Durable:
    """All of it over the same connections; the session store closes them."""
    chosen = settings.dynamodb
    try:
        from mangaassist.stores.dynamodb.audit import DynamoAuditLog
        from mangaassist.stores.dynamodb.control import DynamoControl
        from mangaassist.stores.dynamodb.schema import opened
        from mangaassist.stores.dynamodb.sessions import DynamoSessionStore
    except ImportError as error:
        raise StartFailed("dynamodb.table needs AWS's client: install mangaassist[aws].") from error
    table = await opened(chosen.table, chosen.region, chosen.endpoint_url, settings.timeout_factor)
    control = DynamoControl(table)
    sessions, audit = DynamoSessionStore(table), DynamoAuditLog(table, seal)
    return Durable(sessions, control.stores, control.connections, control.ping, audit, seal)


async def opened_event_stream(settings: Settings, data: Path) -> EventStream:
    chosen = settings.kinesis
    if not chosen.analytics_stream:
        return SqliteEventStream(data / "analytics.db")
    try:
        from mangaassist.stores.kinesis.stream import KinesisEventStream
    except ImportError as error:
        raise StartFailed("Analytics in Kinesis need what mangaassist[aws] installs.") from error
    return await KinesisEventStream.open(
        chosen.analytics_stream, chosen.region, chosen.endpoint_url, settings.timeout_factor
    )
