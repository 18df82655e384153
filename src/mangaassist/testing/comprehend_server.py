"""A server on the loopback that speaks Amazon Comprehend's wire (``DetectPiiEntities``, AWS JSON 1.1) and misbehaves as told."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from aiohttp import web

from mangaassist.testing.loopback_server import Handler, LoopbackServer

TARGET: Final = "Comprehend_20171127.DetectPiiEntities"
CONTENT_TYPE: Final = "application/x-amz-json-1.1"
PATTERNS: Final[Mapping[str, str]] = {
    "EMAIL": r"[\w.]+@[\w.]+\w",
    "PHONE": r"\b\d{3}-\d{3}-\d{4}\b",
    "SSN": r"\b\d{3}-\d{2}-\d{4}\b",
    "CREDIT_DEBIT_NUMBER": r"\b\d{4} \d{4} \d{4} \d{4}\b",
    "PASSPORT_NUMBER": r"\b[A-Z]\d{8}\b",
    "NAME": r"\b(?:Bob|Kentaro) [A-Z]\w+",
    "BANK_ACCOUNT_NUMBER": r"\b\d{3}-\d{7}-\d{7}\b",
}
"""What it takes for personal data, by the service's types: an order's number for an account's too."""


class ComprehendServer(LoopbackServer):
    """Use it as a context manager, on the loop of its client. ``refusal``: a status and a code to refuse with; ``reply``: what is
    said as it is; ``until``: nothing is said before it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.refusal: tuple[int, str] | None = None
        self.reply: Any = None
        self.until: asyncio.Event | None = None
        self.asked: list[Any] = []

    def posts(self) -> Mapping[str, Handler]:
        return {"/": self._answer}

    async def _answer(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Amz-Target") != TARGET:
            return _said({"__type": "UnknownOperationException"}, 400)
        asked = msgspec.json.decode(await request.read())
        self.asked.append(asked)
        if self.until is not None:
            await self.until.wait()
        if self.refusal is not None:
            status, code = self.refusal
            return _said({"__type": code, "Message": "as they said"}, status)
        return _said({"Entities": _entities(asked["Text"])} if self.reply is None else self.reply, 200)


def _entities(text: str) -> list[dict[str, Any]]:
    return [
        {"Score": 0.9987, "Type": kind, "BeginOffset": found.start(), "EndOffset": found.end()}
        for kind, pattern in PATTERNS.items()
        for found in re.finditer(pattern, text)
    ]


def _said(body: Any, status: int) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type=CONTENT_TYPE)
