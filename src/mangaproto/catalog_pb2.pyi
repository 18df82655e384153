import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Format(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FORMAT_UNSPECIFIED: _ClassVar[Format]
    FORMAT_PAPERBACK: _ClassVar[Format]
    FORMAT_HARDCOVER: _ClassVar[Format]
    FORMAT_OMNIBUS: _ClassVar[Format]
    FORMAT_BOX_SET: _ClassVar[Format]

class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATUS_UNSPECIFIED: _ClassVar[Status]
    STATUS_FINISHED: _ClassVar[Status]
    STATUS_ONGOING: _ClassVar[Status]
    STATUS_HIATUS: _ClassVar[Status]

class Order(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_UNSPECIFIED: _ClassVar[Order]
    ORDER_NEWEST: _ClassVar[Order]
    ORDER_OLDEST: _ClassVar[Order]
    ORDER_LONGEST: _ClassVar[Order]
    ORDER_SHORTEST: _ClassVar[Order]

class ChangeOp(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANGE_OP_UNSPECIFIED: _ClassVar[ChangeOp]
    CHANGE_OP_UPSERT: _ClassVar[ChangeOp]
    CHANGE_OP_DELETE: _ClassVar[ChangeOp]
FORMAT_UNSPECIFIED: Format
FORMAT_PAPERBACK: Format
FORMAT_HARDCOVER: Format
FORMAT_OMNIBUS: Format
FORMAT_BOX_SET: Format
STATUS_UNSPECIFIED: Status
STATUS_FINISHED: Status
STATUS_ONGOING: Status
STATUS_HIATUS: Status
ORDER_UNSPECIFIED: Order
ORDER_NEWEST: Order
ORDER_OLDEST: Order
ORDER_LONGEST: Order
ORDER_SHORTEST: Order
CHANGE_OP_UNSPECIFIED: ChangeOp
CHANGE_OP_UPSERT: ChangeOp
CHANGE_OP_DELETE: ChangeOp

class Product(_message.Message):
    __slots__ = ("asin", "title", "series_id", "series_title", "aliases", "volume", "volume_from", "volume_to", "authors", "publisher", "format", "language", "pages", "genres", "themes", "demographic", "age_rating", "first_published", "series_volumes", "series_status", "description", "image_url", "url", "isbn", "released", "traits")
    ASIN_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SERIES_ID_FIELD_NUMBER: _ClassVar[int]
    SERIES_TITLE_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FROM_FIELD_NUMBER: _ClassVar[int]
    VOLUME_TO_FIELD_NUMBER: _ClassVar[int]
    AUTHORS_FIELD_NUMBER: _ClassVar[int]
    PUBLISHER_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    PAGES_FIELD_NUMBER: _ClassVar[int]
    GENRES_FIELD_NUMBER: _ClassVar[int]
    THEMES_FIELD_NUMBER: _ClassVar[int]
    DEMOGRAPHIC_FIELD_NUMBER: _ClassVar[int]
    AGE_RATING_FIELD_NUMBER: _ClassVar[int]
    FIRST_PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    SERIES_VOLUMES_FIELD_NUMBER: _ClassVar[int]
    SERIES_STATUS_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URL_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    ISBN_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    TRAITS_FIELD_NUMBER: _ClassVar[int]
    asin: str
    title: str
    series_id: str
    series_title: str
    aliases: _containers.RepeatedScalarFieldContainer[str]
    volume: int
    volume_from: int
    volume_to: int
    authors: _containers.RepeatedScalarFieldContainer[str]
    publisher: str
    format: Format
    language: str
    pages: int
    genres: _containers.RepeatedScalarFieldContainer[str]
    themes: _containers.RepeatedScalarFieldContainer[str]
    demographic: str
    age_rating: str
    first_published: int
    series_volumes: int
    series_status: Status
    description: str
    image_url: str
    url: str
    isbn: str
    released: str
    traits: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, asin: _Optional[str] = ..., title: _Optional[str] = ..., series_id: _Optional[str] = ..., series_title: _Optional[str] = ..., aliases: _Optional[_Iterable[str]] = ..., volume: _Optional[int] = ..., volume_from: _Optional[int] = ..., volume_to: _Optional[int] = ..., authors: _Optional[_Iterable[str]] = ..., publisher: _Optional[str] = ..., format: _Optional[_Union[Format, str]] = ..., language: _Optional[str] = ..., pages: _Optional[int] = ..., genres: _Optional[_Iterable[str]] = ..., themes: _Optional[_Iterable[str]] = ..., demographic: _Optional[str] = ..., age_rating: _Optional[str] = ..., first_published: _Optional[int] = ..., series_volumes: _Optional[int] = ..., series_status: _Optional[_Union[Status, str]] = ..., description: _Optional[str] = ..., image_url: _Optional[str] = ..., url: _Optional[str] = ..., isbn: _Optional[str] = ..., released: _Optional[str] = ..., traits: _Optional[_Iterable[str]] = ...) -> None: ...

class GetProductsRequest(_message.Message):
    __slots__ = ("asins",)
    ASINS_FIELD_NUMBER: _ClassVar[int]
    asins: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, asins: _Optional[_Iterable[str]] = ...) -> None: ...

class GetProductsResponse(_message.Message):
    __slots__ = ("products",)
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    products: _containers.RepeatedCompositeFieldContainer[Product]
    def __init__(self, products: _Optional[_Iterable[_Union[Product, _Mapping]]] = ...) -> None: ...

class SearchProductsRequest(_message.Message):
    __slots__ = ("text", "series_ids", "genres", "demographics", "formats", "authors", "volume", "one_per_series", "limit", "labels", "without_labels", "without_series_ids", "without_authors", "without_demographics", "least_volumes", "most_volumes", "published_from", "published_to", "statuses", "age_ratings", "order", "traits", "without_traits")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SERIES_IDS_FIELD_NUMBER: _ClassVar[int]
    GENRES_FIELD_NUMBER: _ClassVar[int]
    DEMOGRAPHICS_FIELD_NUMBER: _ClassVar[int]
    FORMATS_FIELD_NUMBER: _ClassVar[int]
    AUTHORS_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    ONE_PER_SERIES_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_LABELS_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_SERIES_IDS_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_AUTHORS_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_DEMOGRAPHICS_FIELD_NUMBER: _ClassVar[int]
    LEAST_VOLUMES_FIELD_NUMBER: _ClassVar[int]
    MOST_VOLUMES_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_FROM_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_TO_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    AGE_RATINGS_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TRAITS_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_TRAITS_FIELD_NUMBER: _ClassVar[int]
    text: str
    series_ids: _containers.RepeatedScalarFieldContainer[str]
    genres: _containers.RepeatedScalarFieldContainer[str]
    demographics: _containers.RepeatedScalarFieldContainer[str]
    formats: _containers.RepeatedScalarFieldContainer[Format]
    authors: _containers.RepeatedScalarFieldContainer[str]
    volume: int
    one_per_series: bool
    limit: int
    labels: _containers.RepeatedScalarFieldContainer[str]
    without_labels: _containers.RepeatedScalarFieldContainer[str]
    without_series_ids: _containers.RepeatedScalarFieldContainer[str]
    without_authors: _containers.RepeatedScalarFieldContainer[str]
    without_demographics: _containers.RepeatedScalarFieldContainer[str]
    least_volumes: int
    most_volumes: int
    published_from: int
    published_to: int
    statuses: _containers.RepeatedScalarFieldContainer[Status]
    age_ratings: _containers.RepeatedScalarFieldContainer[str]
    order: Order
    traits: _containers.RepeatedScalarFieldContainer[str]
    without_traits: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, text: _Optional[str] = ..., series_ids: _Optional[_Iterable[str]] = ..., genres: _Optional[_Iterable[str]] = ..., demographics: _Optional[_Iterable[str]] = ..., formats: _Optional[_Iterable[_Union[Format, str]]] = ..., authors: _Optional[_Iterable[str]] = ..., volume: _Optional[int] = ..., one_per_series: _Optional[bool] = ..., limit: _Optional[int] = ..., labels: _Optional[_Iterable[str]] = ..., without_labels: _Optional[_Iterable[str]] = ..., without_series_ids: _Optional[_Iterable[str]] = ..., without_authors: _Optional[_Iterable[str]] = ..., without_demographics: _Optional[_Iterable[str]] = ..., least_volumes: _Optional[int] = ..., most_volumes: _Optional[int] = ..., published_from: _Optional[int] = ..., published_to: _Optional[int] = ..., statuses: _Optional[_Iterable[_Union[Status, str]]] = ..., age_ratings: _Optional[_Iterable[str]] = ..., order: _Optional[_Union[Order, str]] = ..., traits: _Optional[_Iterable[str]] = ..., without_traits: _Optional[_Iterable[str]] = ...) -> None: ...

class SearchProductsResponse(_message.Message):
    __slots__ = ("products",)
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    products: _containers.RepeatedCompositeFieldContainer[Product]
    def __init__(self, products: _Optional[_Iterable[_Union[Product, _Mapping]]] = ...) -> None: ...

class ListAsinsResponse(_message.Message):
    __slots__ = ("asins",)
    ASINS_FIELD_NUMBER: _ClassVar[int]
    asins: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, asins: _Optional[_Iterable[str]] = ...) -> None: ...

class CheckAsinsRequest(_message.Message):
    __slots__ = ("asins",)
    ASINS_FIELD_NUMBER: _ClassVar[int]
    asins: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, asins: _Optional[_Iterable[str]] = ...) -> None: ...

class CheckAsinsResponse(_message.Message):
    __slots__ = ("existing",)
    EXISTING_FIELD_NUMBER: _ClassVar[int]
    existing: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, existing: _Optional[_Iterable[str]] = ...) -> None: ...

class WatchChangesRequest(_message.Message):
    __slots__ = ("after_cursor",)
    AFTER_CURSOR_FIELD_NUMBER: _ClassVar[int]
    after_cursor: int
    def __init__(self, after_cursor: _Optional[int] = ...) -> None: ...

class ChangeEvent(_message.Message):
    __slots__ = ("cursor", "op", "asin", "version", "product", "emitted_at", "head")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    OP_FIELD_NUMBER: _ClassVar[int]
    ASIN_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    EMITTED_AT_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    cursor: int
    op: ChangeOp
    asin: str
    version: int
    product: Product
    emitted_at: _timestamp_pb2.Timestamp
    head: int
    def __init__(self, cursor: _Optional[int] = ..., op: _Optional[_Union[ChangeOp, str]] = ..., asin: _Optional[str] = ..., version: _Optional[int] = ..., product: _Optional[_Union[Product, _Mapping]] = ..., emitted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., head: _Optional[int] = ...) -> None: ...
