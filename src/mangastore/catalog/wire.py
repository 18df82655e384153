"""Products as the gRPC contract words them."""

from __future__ import annotations

from datetime import date

from mangaproto import catalog_pb2 as pb
from mangastore.catalog.filters import Order
from mangastore.data.products import Format, Product
from mangastore.data.releases import released_on
from mangastore.data.series import SeriesStatus

FORMATS: dict[Format, pb.Format] = {
    "paperback": pb.FORMAT_PAPERBACK,
    "hardcover": pb.FORMAT_HARDCOVER,
    "omnibus": pb.FORMAT_OMNIBUS,
    "box_set": pb.FORMAT_BOX_SET,
}
FORMAT_NAMES: dict[int, Format] = {int(value): name for name, value in FORMATS.items()}
STATUSES: dict[SeriesStatus, pb.Status] = {
    "finished": pb.STATUS_FINISHED,
    "ongoing": pb.STATUS_ONGOING,
    "hiatus": pb.STATUS_HIATUS,
}
STATUS_NAMES: dict[int, SeriesStatus] = {int(value): name for name, value in STATUSES.items()}
ORDER_NAMES: dict[int, Order] = {
    int(pb.ORDER_UNSPECIFIED): "relevance",
    int(pb.ORDER_NEWEST): "newest",
    int(pb.ORDER_OLDEST): "oldest",
    int(pb.ORDER_LONGEST): "longest",
    int(pb.ORDER_SHORTEST): "shortest",
}


def product_message(product: Product, public_url: str, today: date) -> pb.Product:
    """The product as a message; its cover and page are absolute addresses under `public_url`."""
    series, released = product.series, released_on(product, today)
    message = pb.Product(
        asin=product.asin,
        title=product.title,
        series_id=series.id,
        series_title=series.title,
        aliases=series.other_names(),
        authors=series.authors,
        publisher=series.publisher,
        format=FORMATS[product.format],
        language="en",
        pages=product.pages,
        genres=series.genres,
        themes=series.themes,
        demographic=series.demographic,
        age_rating=series.rating,
        first_published=series.year,
        series_volumes=series.volumes,
        series_status=STATUSES[series.status],
        description=product.description,
        image_url=f"{public_url}/covers/{product.asin}.svg",
        url=f"{public_url}/p/{product.asin}",
        isbn=product.isbn,
        traits=series.told_traits(),
        released="" if released is None else released.isoformat(),
    )
    if product.volume is not None:
        message.volume = product.volume
    else:
        message.volume_from, message.volume_to = product.first_volume, product.last_volume
    return message
