"""What is said to be in the cart: what the page that the shopper is on says (G-4)."""

import re

from mangaassist.guardrails.claims.said import Said, Wrong, instead, named_in, number, whole


def held(said: Said, _: re.Match[str]) -> Wrong | None:
    in_cart = {known.asin for known in said.evidence.cart}
    named = named_in(said.text, said.evidence) or (*said.evidence.products, *said.evidence.cart)
    return None if in_cart and all(known.asin in in_cart for known in named) else whole()


def counted(said: Said, found: re.Match[str]) -> Wrong | None:
    """A number of things, each copy or each title counted once."""
    cart, total = said.evidence.cart, said.evidence.derived.cart_total
    copies = sum(line.quantity for line in total.lines) if total else len(cart)
    told = number(found["it"])
    if told is None or told in (copies, len(cart)):
        return None
    return instead(found, str(copies) if cart else None)


def empty(said: Said, _: re.Match[str]) -> Wrong | None:
    return whole() if said.evidence.cart else None
