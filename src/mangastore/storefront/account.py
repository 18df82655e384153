"""The pages that the browser fills in: cart, sign-in, and what a signed-in shopper has here."""

from __future__ import annotations

from litestar import Response

from mangastore.store import Store
from mangastore.storefront.shell import Head, page

NEEDS_SCRIPT = "<noscript><p>This page needs JavaScript.</p></noscript>"


def cart_page(store: Store) -> Response[str]:
    """The cart; what is in it lies in the browser."""
    return _filled_in(store, "Your cart", "cart", "What you have put into your cart, at today's prices.")


def orders_page(store: Store) -> Response[str]:
    """The signed-in shopper's orders, fetched by the browser with its token."""
    return _filled_in(store, "My orders", "orders", "Follow your parcels, cancel an order, or change where it goes.")


def returns_page(store: Store) -> Response[str]:
    """Returns: what can be sent back, the form that begins it, and what is under way."""
    return _filled_in(store, "Returns", "returns", "Send books back, report a fault, and see how far a refund is.")


def label_page(store: Store) -> Response[str]:
    """The label of a return, to be printed."""
    return _filled_in(store, "Return label", "label", "The prepaid label of your return.")


def my_account_page(store: Store) -> Response[str]:
    """Who the shopper is to the store."""
    return _filled_in(store, "My account", "account", "Your membership, cards, alerts, mails and data.")


def wishes_page(store: Store) -> Response[str]:
    """The signed-in shopper's wish lists, or one that somebody shared."""
    return _filled_in(store, "Wish lists", "wishes", "What you would like, to keep for yourself or to share.")


def gift_cards_page(store: Store) -> Response[str]:
    """What is left on a gift card."""
    return _filled_in(store, "Gift cards", "gift-cards", "Enter a code and see what is left on it.")


def invoice_page(store: Store) -> Response[str]:
    """The invoice of an order, to be printed or kept as a PDF."""
    return _filled_in(store, "Invoice", "invoice", "The invoice of your order.")


def reports_page(store: Store) -> Response[str]:
    """For whoever works here: returns that wait, with their photos."""
    return _filled_in(store, "Reported faults", "reports", "Returns that wait for a decision.")


def _filled_in(store: Store, title: str, name: str, description: str) -> Response[str]:
    """A page whose middle the module of the same name fills in."""
    body = f'<div class="wide narrow"><h1>{title}</h1>{NEEDS_SCRIPT}<div id="{name}"></div></div>'
    return page(store, title, body, section=name, script=f"{name}.js", head=Head(description))


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
