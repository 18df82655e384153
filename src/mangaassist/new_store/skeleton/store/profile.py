"""Profile: who the signed-in shopper is. YOUR ACCOUNTS go here."""

from typing import Any

from litestar import Request, get

from .sign_in import shopper_of


@get("/profile/v1/me", sync_to_thread=False)
def me(request: Request[Any, Any, Any]) -> dict[str, Any]:
    one = shopper_of(request)
    return {
        "customer_id": one.id,
        "name": one.name,
        "member": one.member,
        "locale": "en-US",
        "language": one.language,
        "favourite_genres": [],
    }


ROUTES = [me]
