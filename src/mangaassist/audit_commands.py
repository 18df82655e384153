"""``mangaassist audit``: look into the trail, check that it is whole, hand it out (G-7, O-4)."""

import getpass
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mangaassist.assembly.durable import AUDIT_FILE, Durable, opened_durable
from mangaassist.assembly.folders import durable_folder
from mangaassist.errors import BadInput, StartFailed
from mangaassist.guardrails.audit import AuditEntry, AuditFound, AuditPoint, AuditQuery
from mangaassist.guardrails.audit_reading import AuditReading, Reader
from mangaassist.settings import Settings

COLOURS: Final = {"block": "bold red", "error": "bold red", "change": "yellow", "allow": "green"}


async def search(settings: Settings, query: AuditQuery, opens: bool, as_json: bool, out: Console) -> None:
    async with _trail(settings) as durable:
        found = await AuditReading(durable.audit, durable.seal).search(query, _reader(opens))
    if as_json:
        out.file.write(msgspec.json.encode(found).decode() + "\n")
    else:
        _show(found, out, opens, is_blind=bool(query.text) and not opens)


async def verify(settings: Settings, noted: Sequence[str], as_json: bool, out: Console) -> None:
    """Raises ``StartFailed`` when the trail cannot be opened or does not hold, ``BadInput`` for a head that is none."""
    points = [_point(head) for head in noted]
    async with _trail(settings) as durable:
        check = await durable.audit.verify(points)
    heads = [str(head) for head in check.heads]
    told: dict[str, Any] = {
        "entries": check.entries,
        "dropped": check.dropped,
        "whole": check.is_whole,
        "problems": check.problems,
        "heads": heads,
    }
    if as_json:
        out.file.write(msgspec.json.encode(told).decode() + "\n")
    elif check.is_whole:
        out.print(
            f"[green]whole[/]  {check.entries} entries; {check.dropped} records were kept long enough and dropped"
        )
        for head in heads:
            out.print(f"head   {escape(head)}", highlight=False, soft_wrap=True)
        out.print("Note the heads where nobody who can write the trail can write: verify --head checks them later.")
    if not check.is_whole:
        raise StartFailed(f"The audit trail does not hold: {'; '.join(check.problems)}.")


async def export(settings: Settings, file: Path | None, opens: bool, err: Console) -> None:
    """One JSON object a line; a file is made for its user alone, and must not be there yet."""
    async with _trail(settings) as durable:
        reading = AuditReading(durable.audit, durable.seal)
        if file is None:
            count = await _exported(reading, opens, sys.stdout.buffer)
        else:
            with file.open("xb") as target:
                count = await _exported(reading, opens, target)
    err.print(f"{count} entries.")


async def _exported(reading: AuditReading, opens: bool, target: BinaryIO) -> int:
    count = 0
    async for kept in reading.export(_reader(opens)):
        target.write(msgspec.json.encode(kept) + b"\n")
        count += 1
    return count


@asynccontextmanager
async def _trail(settings: Settings) -> AsyncGenerator[Durable]:
    """Looking makes no trail: one that should be there and is not is missed."""
    folder = durable_folder(settings)
    if not settings.dynamodb.table and not (folder / AUDIT_FILE).exists():
        raise StartFailed(f"There is no audit trail at {folder / AUDIT_FILE}.")
    async with opened_durable(settings, folder) as durable:
        yield durable


def _reader(opens: bool) -> Reader:
    return Reader(f"command of {getpass.getuser()}", opens)


def _point(head: str) -> AuditPoint:
    chain, _, rest = head.partition(":")
    number, _, digest = rest.partition(":")
    if not (chain and number.isdigit() and digest):
        raise BadInput("bad_head", f"{head!r} is no head: it looks like audit:17:DIGEST, as verify prints it.")
    return AuditPoint(chain=chain, number=int(number), digest=digest)


def _show(found: AuditFound, out: Console, opens: bool, is_blind: bool) -> None:
    """``is_blind``: a text was looked for in what is in clear alone."""
    if not found.entries:
        out.print(
            "Nothing in the trail fits." + (" Sealed originals were not looked into: --open does." if is_blind else "")
        )
        return
    table = Table(box=None, pad_edge=False)
    for column in ("when (UTC)", "who", "what", "found", "became", "answer"):
        table.add_column(column, overflow="fold")
    for kept in found.entries:
        table.add_row(*_row(kept, opens))
    out.print(table)
    if not found.is_all:
        out.print("There is more: name more of it, or a higher --limit.")


def _row(kept: AuditEntry, opens: bool) -> tuple[str, ...]:
    sealed = f" [dim]({'opened' if opens else 'sealed'})[/]" if kept.sealed else ""
    return (
        kept.at[:19].replace("T", " "),
        escape(kept.customer_id or "guest"),
        f"[{COLOURS.get(kept.verdict, 'default')}]{escape(kept.stage)}[/] {escape(kept.kind)}",
        escape(kept.original) + sealed,
        escape(kept.replacement),
        escape(kept.response_id),
    )
