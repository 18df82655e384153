"""A token from the store's identity provider, for a password (D-1)."""

from typing import Final

import aiohttp
import msgspec
from msgspec import Struct

LIMIT_S: Final = 5.0
LARGEST_BODY: Final = 64 * 1024


class SignInFailed(Struct, frozen=True):
    words: str


class _Token(Struct):
    access_token: str


async def fetch_token(store_url: str, username: str, password: str) -> str | SignInFailed:
    """A token from the store (D-1), or why there is none, in one line."""
    limit = aiohttp.ClientTimeout(total=LIMIT_S)
    who = {"username": username, "password": password}
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.post(f"{store_url}/auth/token", json=who) as response,
        ):
            body = await response.content.read(LARGEST_BODY)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return SignInFailed(f"The store at {store_url} does not answer.")
    if response.status == 401:
        return SignInFailed("The store does not know this user and password.")
    try:
        return msgspec.json.decode(body, type=_Token).access_token
    except msgspec.MsgspecError:
        return SignInFailed(f"The store could not sign you in (HTTP {response.status}).")
