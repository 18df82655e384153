"""The pages of words: deals, the help centre and its entries."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from datetime import date
from html import escape

from litestar import Response

from mangastore.clock import in_words
from mangastore.data.content import Entry
from mangastore.data.promotions import Promotion
from mangastore.services.promotions import running_promotions
from mangastore.store import Store
from mangastore.storefront.cards import card
from mangastore.storefront.prose import prose
from mangastore.storefront.shell import Head, page

SHOWN_PER_DEAL = 12
MAX_DESCRIPTION = 160
SECTIONS = (("faq", "Questions and answers"), ("policy", "Policies"), ("editorial", "Reading guides"))


def deals_page(store: Store) -> Response[str]:
    """Everything that is cheaper today."""
    today = store.clock().date()
    parts = "".join(_deal(store, one) for one in running_promotions(store.promotions, today))
    body = f'<div class="wide"><header class="results"><h1>Deals, coupons and bundles</h1></header>{parts}</div>'
    return page(
        store, "Deals", body, section="deals", head=Head("What is cheaper today: deals, coupons and bundles.", "/deals")
    )


def _deal(store: Store, promotion: Promotion) -> str:
    offer = promotion.offer
    ends = promotion.days(store.clock().date())[1]
    code = f'<p>Code <code class="coupon">{escape(offer.code)}</code></p>' if offer.code else ""
    products = store.catalogue.find_all(promotion.asins[:SHOWN_PER_DEAL]) if offer.kind == "deal" else []
    cards = "".join(card(store, product) for product in products)
    row = f'<ul class="row" tabindex="0" aria-label="{escape(offer.title)}">{cards}</ul>' if cards else ""
    return f"""<section class="deal {offer.kind}" id="{offer.id}"><h2>{escape(offer.title)}</h2>
<p>{escape(offer.description)}</p>{code}<p class="quiet">Until {ends:%B} {ends.day}. {escape(offer.terms)}</p>{row}</section>"""


def help_page(store: Store) -> Response[str]:
    """All approved entries by kind and category."""
    entries = list(store.content.approved().values())
    parts = "".join(_section(title, [e for e in entries if e.source_type == kind]) for kind, title in SECTIONS)
    body = f"""<div class="wide"><header class="results"><h1>Help centre</h1>
<p class="quiet">Or ask the assistant: it reads these pages too.</p></header>{parts}</div>"""
    return page(
        store, "Help", body, section="help", head=Head("Questions and answers, policies and reading guides.", "/help")
    )


def _section(title: str, entries: list[Entry]) -> str:
    if not entries:
        return ""
    by_category: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_category[entry.category].append(entry)
    groups = "".join(
        f"<div><h3>{escape(category.replace('-', ' ').capitalize())}</h3><ul>{''.join(map(_entry_link, found))}</ul></div>"
        for category, found in sorted(by_category.items())
    )
    return f'<section class="topics"><h2>{title}</h2><div>{groups}</div></section>'


def _entry_link(entry: Entry) -> str:
    return f'<li><a href="/help/{escape(entry.id)}">{escape(entry.title)}</a></li>'


def entry_page(store: Store, entry: Entry) -> Response[str]:
    """One entry."""
    body = f"""<article class="wide narrow prose"><nav class="crumbs" aria-label="You are here"><a href="/help">Help</a>
<span aria-current="page">{escape(entry.title)}</span></nav><h1>{escape(entry.title)}</h1>{prose(entry.body)}
<p class="quiet">Updated {in_words(date.fromisoformat(entry.updated_at[:10]))}</p></article>"""
    head = Head(_first_sentence(entry.body), f"/help/{entry.id}")
    return page(store, entry.title, body, section="help", head=head)


def _first_sentence(body: str) -> str:
    """What a page begins with, as its description."""
    words = next((line for line in body.splitlines() if line.strip() and line[0] not in "#-*"), "")
    return textwrap.shorten(words, MAX_DESCRIPTION, placeholder=" …")
