"""What the store knows of products beside the catalog: price, stock and rating, in three calls at once (S-3)."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from msgspec import structs

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Product
from mangaassist.domain.wishes import Label
from mangaassist.services.turn_services import TurnServices
from mangaassist.turn.products.constraints import Constraints
from mangaassist.turn.products.keeping import keeping
from mangaassist.turn.products.lookups import Found


async def enriched(
    services: TurnServices, found: Found, asked: Sequence[Constraints] = ()
) -> tuple[ProductEvidence, ...]:
    """What could not be asked is None. ``asked`` are the wishes, by their places: each product is held against its own."""
    asins = tuple(product.asin for product in found.products)
    if not asins:
        return ()
    prices, stock, ratings = await asyncio.gather(
        services.prices(asins), services.stock(asins), services.ratings(asins)
    )
    fits: Mapping[str, tuple[Label, ...]] = found.fits

    def known(product: Product) -> ProductEvidence:
        place = found.wishes.get(product.asin, 0)
        measured = ProductEvidence(
            product=product,
            price=(prices.value or {}).get(product.asin),
            stock=(stock.value or {}).get(product.asin),
            rating=(ratings.value or {}).get(product.asin),
            reason=found.reasons.get(product.asin, ""),
            told=found.told.get(product.asin, ""),
            fits=fits.get(product.asin, ()),
            wish=place,
            whole=found.wholes.get(product.series_id),
        )
        return structs.replace(measured, keeps=keeping(measured, asked[place])) if place < len(asked) else measured

    return tuple(known(product) for product in found.products)


async def priced(services: TurnServices, products: Iterable[Product]) -> tuple[ProductEvidence, ...]:
    """Products with their prices and whether they are there: what sums and comparisons of whole series need."""
    known = tuple(products)
    if not known:
        return ()
    asins = tuple(product.asin for product in known)
    prices, stock = await asyncio.gather(services.prices(asins), services.stock(asins))
    return tuple(
        ProductEvidence(
            product=product,
            price=(prices.value or {}).get(product.asin),
            stock=(stock.value or {}).get(product.asin),
        )
        for product in known
    )
