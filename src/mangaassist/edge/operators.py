"""What operators of the store may look into, and nobody else (G-7, O-6)."""

from typing import Final

import msgspec
from litestar import Response, post
from litestar.datastructures import State

from mangaassist.domain.customers import Identity
from mangaassist.edge.addresses import address_of
from mangaassist.edge.audit_paging import AuditCursor, after, page
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.limits import Standing
from mangaassist.edge.rest import AnyRequest, answered, asked_in
from mangaassist.errors import BadInput, FieldProblem, Forbidden, Unauthenticated
from mangaassist.guardrails.audit import AuditEntry, AuditQuery
from mangaassist.guardrails.audit_reading import Reader
from mangaassist.wire.rest import AuditLine, AuditSearch, AuditView

_SEARCH: Final = msgspec.json.Decoder(AuditSearch)


class OperatorsEdge:
    """Lives as long as the process."""

    def __init__(self, shared: EdgeDependencies) -> None:
        self._shared = shared

    async def caller(self, request: AnyRequest) -> tuple[Identity, Standing]:
        """The operator who asks. Raises ``Unauthenticated`` for a guest, ``Forbidden`` for a customer."""
        identity = await self._shared.caller(request.scope)
        standing = await self._shared.limits.control(identity, address_of(request.scope))
        operator_of(identity)
        return identity, standing

    async def search(self, asked: AuditSearch, identity: Identity) -> AuditView:
        query = AuditQuery(
            customer_id=asked.customer_id,
            session_id=asked.session_id,
            response_id=asked.response_id,
            asin=asked.asin,
            stage=asked.stage,
            text=asked.text,
            since=asked.since,
            until=asked.until,
            limit=asked.limit,
        )
        cursor = _cursor(asked.cursor)
        reader = Reader(identity.customer_id or "", opens=asked.opened)
        found = await self._shared.audit.search(after(query, cursor), reader)
        entries, following = page(found, cursor)
        told = None if following is None else str(following)
        return AuditView(entries=tuple(map(line_of, entries)), is_all=found.is_all, next=told)


async def operator_at_work(shared: EdgeDependencies, request: AnyRequest) -> tuple[Identity, Standing]:
    """Who works at the desk or in the console, within the limit of both.

    Raises ``Unauthenticated`` for a guest, ``Forbidden`` for a customer, ``TooMany``.
    """
    identity = await shared.caller(request.scope)
    standing = await shared.limits.desk(identity)
    operator_of(identity)
    return identity, standing


def operator_of(identity: Identity) -> str:
    """The operator's id. Raises ``Unauthenticated`` for a guest, ``Forbidden`` for a customer."""
    if identity.customer_id is None:
        raise Unauthenticated("Sign in as an operator.")
    if not identity.is_operator:
        raise Forbidden("Operators alone may look into this.")
    return identity.customer_id


def _cursor(text: str | None) -> AuditCursor | None:
    try:
        return None if text is None else AuditCursor.read(text)
    except ValueError:
        wrong = FieldProblem("cursor", "must be one that a search gave")
        raise BadInput("invalid_field", str(wrong), [wrong]) from None


def line_of(kept: AuditEntry) -> AuditLine:
    return AuditLine(
        at=kept.at,
        session_id=kept.session_id,
        response_id=kept.response_id,
        customer_id=kept.customer_id,
        seq=kept.seq,
        asins=kept.asins,
        stage=kept.stage,
        verdict=kept.verdict,
        kind=kept.kind,
        original=kept.original,
        replacement=kept.replacement,
        sealed=bool(kept.sealed),
    )


@post("/operator/audit/search", status_code=200)
async def audit_search(request: AnyRequest, state: State) -> Response[bytes]:
    edge: OperatorsEdge = state.operators
    identity, standing = await edge.caller(request)
    asked = await asked_in(request, _SEARCH)
    return answered(await edge.search(asked, identity), standing)
