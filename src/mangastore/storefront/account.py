"""The pages that the browser fills in: cart, sign-in and the shopper's orders."""

from __future__ import annotations

from litestar import Response

from mangastore.store import Store
from mangastore.storefront.shell import page

NEEDS_SCRIPT = "<noscript><p>This page needs JavaScript.</p></noscript>"


def cart_page(store: Store) -> Response[str]:
    """The cart; what is in it lies in the browser."""
    body = (
        f"""<div class="wide narrow"><h1>Your cart</h1>{NEEDS_SCRIPT}<div id="cart" aria-live="polite"></div></div>"""
    )
    return page(store, "Cart", body, section="cart", script="cart.js")


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
<section><h2>Demo customers</h2><p class="quiet">Pick one: the password is filled in for you.</p><ul class="people">{people}</ul>
</section></div>"""
    return page(store, "Sign in", body, section="account", script="sign-in.js")


def orders_page(store: Store) -> Response[str]:
    """The signed-in shopper's orders, fetched by the browser with its token."""
    body = (
        f"""<div class="wide narrow"><h1>My orders</h1>{NEEDS_SCRIPT}<div id="orders" aria-live="polite"></div></div>"""
    )
    return page(store, "My orders", body, section="orders", script="orders.js")


def docs_page(store: Store) -> Response[str]:
    """The API, rendered from its own description."""
    body = f"""<div class="wide narrow"><h1>The store's API</h1><p class="quiet">From
<a href="/schema/openapi.json">/schema/openapi.json</a>. The catalogue is served over gRPC.</p>{NEEDS_SCRIPT}
<div id="docs"></div></div>"""
    return page(store, "API", body, section="docs", script="docs.js")
