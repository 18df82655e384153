"""A server on the loopback that speaks Amazon Personalize's wire (``GetRecommendations``, REST JSON) and misbehaves as told.

It holds requests to what the vendor documents: members, their types and lengths, and a signature for ``personalize``.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from mangaassist.testing.loopback_server import Handler, LoopbackServer

PATH: Final = "/recommendations"
SIGNED: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/[a-z0-9-]+/personalize/aws4_request, SignedHeaders=[a-z0-9;-]+, "
    r"Signature=[0-9a-f]{64}"
)
"""Signature version 4; the vendor signs this service's calls as ``personalize``."""
Arn = Annotated[str, Meta(pattern=r"^arn:([a-z\d-]+):personalize:.*:.*:.+$", max_length=256)]
Name = Annotated[str, Meta(min_length=1, max_length=256)]


class GetRecommendations(Struct, rename="camel", forbid_unknown_fields=True):
    """A request, as the vendor takes it."""

    campaign_arn: Arn
    user_id: Name | None = None
    item_id: Name | None = None
    num_results: Annotated[int, Meta(ge=0, le=500)] = 25
    context: dict[Name, Annotated[str, Meta(max_length=1000)]] = {}
    filter_arn: Arn | None = None
    filter_values: dict[Name, Annotated[str, Meta(max_length=1000)]] = {}


class PersonalizeServer(LoopbackServer):
    """Use it as a context manager, on the loop of its client.

    ``items``: what it ranks, as item and score, None for a recipe that gives none; ``refusal``: a status and a code to refuse with;
    ``reply``: what is said as it is. ``asked`` are the requests that were as they must be.
    """

    def __init__(self, items: Iterable[tuple[str, float | None]] = ()) -> None:
        super().__init__()
        self.items = tuple(items)
        self.refusal: tuple[int, str] | None = None
        self.reply: Any = None
        self.asked: list[GetRecommendations] = []

    def posts(self) -> Mapping[str, Handler]:
        return {PATH: self._answer}

    async def _answer(self, request: web.Request) -> web.Response:
        if not SIGNED.fullmatch(request.headers.get("Authorization", "")):
            return _refused(403, "IncompleteSignatureException")
        try:
            asked = msgspec.json.decode(await request.read(), type=GetRecommendations)
        except msgspec.MsgspecError:
            return _refused(400, "InvalidInputException")
        self.asked.append(asked)
        if self.refusal is not None:
            return _refused(*self.refusal)
        return _said(self._ranked(asked) if self.reply is None else self.reply, 200)

    def _ranked(self, asked: GetRecommendations) -> dict[str, Any]:
        items = [
            {"itemId": item} if score is None else {"itemId": item, "score": score}
            for item, score in self.items[: asked.num_results]
        ]
        return {"itemList": items, "recommendationId": "RID-1"}


def _refused(status: int, code: str) -> web.Response:
    answer = _said({"message": "as they said"}, status)
    answer.headers["x-amzn-ErrorType"] = code
    return answer


def _said(body: Any, status: int) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")
