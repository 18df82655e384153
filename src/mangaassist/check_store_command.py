"""``mangaassist check-store``: holds a store against the contracts, and says plainly what is there, missing or wrong (O-4)."""

import time
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import msgspec
from msgspec import Struct, structs
from rich.console import Console
from rich.markup import escape

from mangaassist import settings as configured
from mangaassist.assembly.store import opened_verifier
from mangaassist.errors import BadInput
from mangaassist.services.clients import Addresses
from mangaassist.settings import Settings
from mangaassist.store_checks.asked_store import asked_store
from mangaassist.store_checks.findings import Finding, Verdict
from mangaassist.store_checks.running import counted, findings

GRPC_PORT: Final = 50051
SIGN_IN_S: Final = aiohttp.ClientTimeout(total=5)
MARKS: Final[dict[Verdict, str]] = {
    "ok": "[green]ok[/]       ",
    "missing": "[yellow]missing[/]  ",
    "wrong": "[red]wrong[/]    ",
    "slow": "[yellow]slow[/]     ",
    "unchecked": "[dim]unchecked[/]",
}


class Shopper(Struct, frozen=True):
    """Who asks for their own orders: by a token, or by a name and a password that the store makes one of."""

    name: str = ""
    password: str = ""
    token: str = ""


def addressed(settings: Settings, url: str | None, grpc: str | None) -> Settings:
    """The settings with another store in them: its provider of identity is itself, unless a file says otherwise."""
    if url is None:
        return settings if grpc is None else structs.replace(settings, store=structs.replace(settings.store, grpc=grpc))
    place = urlsplit(url)
    if place.scheme not in ("http", "https") or not place.hostname:
        raise BadInput("no_address", f"{url} is no address of a store: write it as http://127.0.0.1:8080.")
    address = url.rstrip("/")
    store = configured.Store(url=address, grpc=grpc or f"{place.hostname}:{GRPC_PORT}")
    own = settings.identity.issuer == configured.Identity().issuer
    identity = structs.replace(settings.identity, issuer=address) if own else settings.identity
    return structs.replace(settings, store=store, identity=identity)


async def check_store(settings: Settings, shopper: Shopper, as_json: bool, out: Console, err: Console) -> int:
    """Gives the command's status: 0, or 1 where something that is needed is missing or wrong."""
    progress = err if as_json else out
    token = shopper.token or await _token(settings.store.url, shopper)
    addresses = Addresses(rest=settings.store.url, grpc=settings.store.grpc)
    async with (
        opened_verifier(settings) as verifier,
        asked_store(addresses, lambda: verifier.identify(token), token) as store,
    ):
        found = await findings(store, lambda one: _tell(one, progress), time.monotonic)
    counts = counted(found)
    if as_json:
        out.file.write(msgspec.json.encode(_report(settings, found, counts)).decode() + "\n")
    else:
        _conclude(counts, signed_in=token is not None, out=out)
    return 1 if counts["failing"] else 0


async def _token(url: str, shopper: Shopper) -> str | None:
    """What the store's own sign-in gives for a name and a password; None without a shopper."""
    if not shopper.name:
        return None
    account = {"username": shopper.name, "password": shopper.password}
    try:
        async with (
            aiohttp.ClientSession(timeout=SIGN_IN_S) as http,
            http.post(f"{url}/auth/token", json=account) as answer,
        ):
            if answer.status == 200:
                return str(msgspec.json.decode(await answer.read())["access_token"])
            why = f"HTTP {answer.status}"
    except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError, KeyError, TypeError) as error:
        why = type(error).__name__
    raise BadInput(
        "not_signed_in", f"POST {url}/auth/token signs nobody in ({why}); a token of your provider goes into --token."
    )


def _tell(one: Finding, out: Console) -> None:
    head = f"{MARKS[one.verdict]} {escape(one.service):<16} {escape(one.endpoint)}"
    out.print(f"{head}  [dim]{escape(one.found)}[/]" if one.verdict == "ok" else head, highlight=False, soft_wrap=True)
    if one.verdict != "ok":
        for line in _explained(one):
            out.print(f"          {escape(line)}", highlight=False, soft_wrap=True)


def _explained(one: Finding) -> list[str]:
    rows = (
        ("in", one.field),
        ("expected", one.expected),
        ("found", one.found),
        ("", "" if one.needed or one.verdict == "unchecked" else f"not needed; without it: {one.lost}"),
        ("see", one.docs),
    )
    return [f"{name}: {words}" if name else words for name, words in rows if words]


def _conclude(counts: dict[str, int], *, signed_in: bool, out: Console) -> None:
    told = ", ".join(f"{number} {name}" for name, number in counts.items() if number and name != "failing")
    failing = counts["failing"]
    verdict = (
        f"[bold red]{failing} of them have to be mended[/]" if failing else "[bold green]The store can be served.[/]"
    )
    out.print(f"\n{told}. {verdict}", highlight=False, soft_wrap=True)
    if not signed_in:
        out.print(
            "Orders, parcels, returns and profile were asked as nobody: --shopper NAME checks them.", highlight=False
        )


def _report(settings: Settings, found: Sequence[Finding], counts: dict[str, int]) -> dict[str, Any]:
    return {
        "store": settings.store.url,
        "grpc": settings.store.grpc,
        "passes": not counts["failing"],
        "counts": counts,
        "findings": found,
    }
