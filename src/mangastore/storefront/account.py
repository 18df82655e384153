"""The pages that the browser fills in: cart, sign-in, and what a signed-in shopper has here."""

from __future__ import annotations

from typing import Final, NamedTuple

from litestar import Response

from mangastore.store import Store
from mangastore.storefront.shell import Head, page

NEEDS_SCRIPT = "<noscript><p>This page needs JavaScript.</p></noscript>"


class FilledIn(NamedTuple):
    """A page whose middle the module of that name fills in."""

    name: str
    title: str
    description: str


FILLED_IN: Final = {
    "/cart": FilledIn("cart", "Your cart", "What you have put into your cart, at today's prices."),
    "/orders": FilledIn("orders", "My orders", "Follow your parcels, cancel an order, or change where it goes."),
    "/orders/invoice": FilledIn("invoice", "Invoice", "The invoice of your order."),
    "/returns": FilledIn("returns", "Returns", "Send books back, report a fault, and see how far a refund is."),
    "/returns/label": FilledIn("label", "Return label", "The prepaid label of your return."),
    "/returns/reports": FilledIn("reports", "Reported faults", "Returns that wait for a decision."),
    "/account": FilledIn("account", "My account", "Your membership, cards, alerts, mails and data."),
    "/wishes": FilledIn("wishes", "Wish lists", "What you would like, to keep for yourself or to share."),
    "/gift-cards": FilledIn("gift-cards", "Gift cards", "Enter a code and see what is left on it."),
}
"""By path. The cart lies in the browser; all others ask the store with the shopper's token."""


def filled_in_page(row: FilledIn, store: Store) -> Response[str]:
    body = f'<div class="wide narrow"><h1>{row.title}</h1>{NEEDS_SCRIPT}<div id="{row.name}"></div></div>'
    return page(store, row.title, body, section=row.name, script=f"{row.name}.js", head=Head(row.description))


def sign_in_page(store: Store) -> Response[str]:
    """The sign-in form, with the demo customers."""
    people = "".join(
        f'<li><button type="button" class="demo" data-username="{one.username}"><b>{one.name}</b>'
        f"<span>{one.username} / {one.username}-demo{' · Circle member' if one.member else ''}"
        f"{' · works here' if one.roles else ''}</span></button></li>"
        for one in store.customers.everybody()
    )
    body = f"""<div class="wide narrow"><h1>Sign in</h1>{NEEDS_SCRIPT}
<form id="sign-in" class="form"><label>User name<input name="username" autocomplete="username" required maxlength="200"></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required maxlength="200"></label>
<p class="wrong" role="alert" hidden></p><button class="button">Sign in</button></form>
<details><summary>Forgot password</summary><p>No mail goes out in this demo: passwords stand beside the names below.</p></details>
<details><summary>Create account</summary><p>This demo has the accounts below, and no others can be made.</p></details>
<section><h2>Demo customers</h2><p class="quiet">Pick one: the password is filled in for you.</p><ul class="people">{people}</ul>
</section></div>"""
    head = Head("Sign in to see your orders, returns and member prices.", "/sign-in")
    return page(store, "Sign in", body, section="account", script="sign-in.js", head=head)


def docs_page(store: Store) -> Response[str]:
    """The API, rendered from its own description."""
    body = f"""<div class="wide narrow"><h1>The store's API</h1><p class="quiet">From
<a href="/schema/openapi.json">/schema/openapi.json</a>. The catalogue is served over gRPC.</p>{NEEDS_SCRIPT}
<div id="docs"></div></div>"""
    return page(store, "API", body, section="docs", script="docs.js", head=Head("The store's own services.", "/docs"))
