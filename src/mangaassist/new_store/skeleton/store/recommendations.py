"""Recommendations: what goes with these products, or is loved in these genres. YOUR RECOMMENDER goes into ``ranked``."""

from typing import Any

from litestar import get

from .shelves import Product, products, sold


@get("/recommendations/v1/ranked", sync_to_thread=False)
def ranked(
    seed: list[str] | None = None,
    genre: list[str] | None = None,
    limit: int = 10,
) -> dict[str, Any]:
    """Best first, with a score from 0 to 1 and why, in words that a shopper may read."""
    liked = sold(seed or ())
    wanted = {*(genre or ()), *(label for product in liked for label in (*product.genres, *product.themes))}
    near = [(_nearness(product, wanted), product) for product in products().values() if product not in liked]
    near.sort(key=lambda row: -row[0])
    rows = [
        {"asin": product.asin, "score": round(score, 3), "reason": _reason(product)} for score, product in near[:limit]
    ]
    return {"ranked": rows}


def _nearness(product: Product, wanted: set[str]) -> float:
    shared = len(wanted & {*product.genres, *product.themes}) / len(wanted) if wanted else 0.0
    return 0.7 * shared + 0.3 * (product.rating or 0) / 5


def _reason(product: Product) -> str:
    return f"Loved by readers of {product.genres[0].lower()} books" if product.genres else "Loved by readers"


ROUTES = [ranked]
