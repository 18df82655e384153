"""The page of a search: what was found, with filters, an order, limits of price and pages."""

from __future__ import annotations

from html import escape

from litestar import Response

from mangastore.data.series import Series
from mangastore.store import Store
from mangastore.storefront.asked import DEMOGRAPHICS, read_price
from mangastore.storefront.cards import FORMAT_NAMES, dollars, grid
from mangastore.storefront.filters import SORT_NAMES, Filters
from mangastore.storefront.finding import PAGE_SIZE, Found, find
from mangastore.storefront.shell import Head, page

SHOWN_GENRES = 20
PAGES_AROUND = 2


def results_page(store: Store, filters: Filters) -> Response[str]:
    """What was found."""
    found = find(store, filters)
    title = _title(filters)
    body = f"""<div class="wide">{genre_chips(store, filters)}
<header class="results"><h1>{escape(title)}</h1><p class="quiet" role="status">{escape(_count(found, filters))}</p></header>
{_pills(filters)}{_tools(filters, found)}{_series_door(found.only)}
{_shown(store, found) if found.products else _nothing(filters)}{_pages(filters, found)}</div>"""
    head = Head(f"{title}: {_count(found, filters)} at Inkwell Manga.", filters.link(page=_number(found.page)))
    return page(store, title, body, section=filters.section, query=filters.text, head=head)


def _shown(store: Store, found: Found) -> str:
    return f'<h2 class="unseen">What was found</h2>{grid(store, found.products)}'


def genre_chips(store: Store, filters: Filters) -> str:
    """The genres of the catalogue, each a link to its shelf."""
    links = "".join(_chip(filters, genre) for genre in sorted(store.catalogue.genres()[:SHOWN_GENRES]))
    return f'<nav class="chips" aria-label="Genres">{links}</nav>'


def _chip(filters: Filters, genre: str) -> str:
    chosen = filters.genre == genre
    target = filters.link(genre="" if chosen else genre)
    current = ' aria-current="true"' if chosen else ""
    return f'<a class="chip" href="{escape(target)}"{current}>{escape(genre)}</a>'


def _title(filters: Filters) -> str:
    if filters.text:
        return f"“{filters.text}”"
    readers = next((label for key, label in DEMOGRAPHICS.items() if key == filters.demographic), "")
    parts = [readers, filters.genre, FORMAT_NAMES.get(filters.format, "")]
    named = " · ".join(part for part in parts if part)
    return f"By {filters.author}" if filters.author else named or "All manga"


def _count(found: Found, filters: Filters) -> str:
    by_volume = filters.every_volume or found.only is not None
    one, many = ("product", "products") if by_volume else ("series", "series")
    first = (found.page - 1) * PAGE_SIZE + 1
    what = f"{found.total:,} {one if found.total == 1 else many}{_limits(found)}"
    return f"{first} to {first + len(found.products) - 1} of {what}" if found.pages > 1 else what


def _limits(found: Found) -> str:
    least, most = found.asked.least, found.asked.most
    match least, most:
        case None, None:
            return ""
        case None, int():
            return f" up to {dollars(most)}"
        case int(), None:
            return f" from {dollars(least)}"
        case _:
            return f" from {dollars(least or 0)} to {dollars(most or 0)}"


def _nothing(filters: Filters) -> str:
    bare = filters.link(genre="", demographic="", format="", author="", **{"from": "", "to": ""})
    return f"""<div class="empty"><h2>Nothing found</h2>
<p>Try fewer words, another spelling, or ask the assistant in the corner.</p>
<p><a class="button" href="{escape(bare)}">Without filters</a></p></div>"""


def _series_door(only: Series | None) -> str:
    if only is None:
        return ""
    return f"""<p class="door"><a href="/series/{only.id}">Everything about {escape(only.title)}</a>
<span class="quiet">by {escape(", ".join(only.authors))}</span></p>"""


def _pills(filters: Filters) -> str:
    def choice(chosen: bool, label: str, **change: str) -> str:
        target = filters.link(**dict.fromkeys(change, "")) if chosen else filters.link(**change)
        current = ' aria-current="true"' if chosen else ""
        return f'<a class="pill" href="{escape(target)}"{current}>{label}</a>'

    readers = "".join(choice(filters.demographic == key, label, demographic=key) for key, label in DEMOGRAPHICS.items())
    formats = "".join(choice(filters.format == key, label, format=key) for key, label in FORMAT_NAMES.items())
    volumes = choice(filters.every_volume, "Every volume", all="1")
    return f'<nav class="pills" aria-label="More filters">{readers}<i></i>{formats}<i></i>{volumes}</nav>'


def _tools(filters: Filters, found: Found) -> str:
    """The order and the limits of price: a form without script; the limits that were in the words stand in its fields."""
    kept = filters.parameters() | {"q": read_price(filters.text).text}
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in kept.items()
        if value and name not in ("sort", "from", "to", "page")
    )
    options = "".join(
        f'<option value="{key}"{" selected" if key == filters.sort else ""}>{label}</option>'
        for key, label in SORT_NAMES.items()
    )
    least, most = found.asked.least, found.asked.most
    from_field = _limit("from", "From", None if least is None else least // 100)
    to_field = _limit("to", "To", None if most is None else -(-most // 100))
    return f"""<form class="tools" action="/" method="get" aria-label="Order and price">{hidden}
<label>Sort by <select name="sort">{options}</select></label>
<span class="price-range"><span aria-hidden="true">Price</span>{from_field}<span aria-hidden="true">–</span>{to_field}</span>
<button class="button plain">Apply</button></form>"""


def _limit(name: str, label: str, value: int | None) -> str:
    shown = "" if value is None else value
    return (
        f'<label class="dollars">$<input name="{name}" value="{shown}" '
        f'inputmode="numeric" pattern="[0-9]*" maxlength="4" size="4" aria-label="{label}, in dollars"></label>'
    )


def _pages(filters: Filters, found: Found) -> str:
    if found.pages == 1:
        return ""
    here = found.page
    near = {1, found.pages, *range(max(1, here - PAGES_AROUND), min(found.pages, here + PAGES_AROUND) + 1)}
    links: list[str] = []
    for number in sorted(near):
        if number - 1 not in near and number > 1:
            links.append("<i>…</i>")
        current = ' aria-current="page"' if number == here else ""
        links.append(
            f'<a class="pill" href="{_address(filters, number)}" aria-label="Page {number}"{current}>{number}</a>'
        )
    back = f'<a class="pill" rel="prev" href="{_address(filters, here - 1)}">Previous</a>' if here > 1 else ""
    on = f'<a class="pill" rel="next" href="{_address(filters, here + 1)}">Next</a>' if here < found.pages else ""
    return f'<nav class="pages" aria-label="Pages">{back}{"".join(links)}{on}</nav>'


def _address(filters: Filters, number: int) -> str:
    return escape(filters.link(page=_number(number)))


def _number(page_number: int) -> str:
    return "" if page_number == 1 else str(page_number)
