"""Reviews: ratings of products, and what readers say of each series. YOUR REVIEWS go into both functions."""

from typing import Any

from litestar import get

from .shelves import edited, products, sold


@get("/reviews/v1/ratings", sync_to_thread=False)
def ratings(asin: list[str]) -> dict[str, Any]:
    """Of these products, at most 100; one that nobody has rated is left out."""
    rated = [product for product in sold(asin) if product.rating is not None]
    rows = [
        {"asin": one.asin, "mean": one.rating, "count": one.ratings, "snippets": list(one.snippets)} for one in rated
    ]
    return {"ratings": rows}


@get("/reviews/v1/summaries", sync_to_thread=False)
def summaries(after: str = "", limit: int = 100) -> dict[str, Any]:
    """One a series, page by page; ``next`` is null on the last page."""
    told = {product.series: product for product in reversed(products().values()) if product.readers_say}
    later = [told[series] for series in sorted(told) if series > after]
    changed = edited("products")
    rows = [
        {
            "series_id": one.series,
            "series_title": one.series_title or one.title,
            "asin": one.asin,
            "summary": one.readers_say,
            "updated_at": changed.isoformat(),
            "version": int(changed.timestamp()),
        }
        for one in later[:limit]
    ]
    return {"summaries": rows, "next": rows[-1]["series_id"] if len(later) > limit else None}


ROUTES = [ratings, summaries]
