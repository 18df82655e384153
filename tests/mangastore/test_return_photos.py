"""Photos of a fault: what is a picture, how large it may be, what is kept of it, and who sees it (D-1)."""

from __future__ import annotations

import functools
import io
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from PIL import Image

from mangastore import order_book
from mangastore.order_rules import MOST_PHOTOS
from mangastore.pictures import MAX_BYTES, MAX_SIDE, NoPictureError, picture_of
from mangastore.server import RunningStore

PLACE = b"TAKEN-AT-418-MAPLE-STREET"
BEHIND = b"<script>alert(1)</script>"
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("PNG", {}),
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("WEBP", {}),
    ("WEBP", {"lossless": True}),
]


@functools.cache
def _noise() -> Image.Image:
    return Image.effect_noise((60, 40), 50).convert("RGB")


def photo(kind: str = "JPEG", **how: Any) -> bytes:
    """A file as a phone makes it, with the place where it was taken, and something behind its end."""
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    file = io.BytesIO()
    _noise().save(file, kind, exif=exif, **how)
    return file.getvalue()


def pixels(file: bytes) -> bytes:
    return Image.open(io.BytesIO(file)).convert("RGB").tobytes()


@pytest.mark.parametrize(("kind", "how"), KINDS)
def test_a_photo_keeps_its_pixels_and_nothing_else(kind: str, how: dict[str, Any]) -> None:
    sent = photo(kind, **how)
    kept = picture_of(sent + BEHIND)
    assert (kept.media_type, kept.width, kept.height) == (f"image/{kind.lower()}", 60, 40)
    assert pixels(kept.body) == pixels(sent)
    assert PLACE in sent
    assert PLACE not in kept.body
    assert BEHIND not in kept.body


@pytest.mark.parametrize(("kind", "how"), KINDS)
def test_a_photo_that_ends_too_early_is_refused_wherever_it_ends(kind: str, how: dict[str, Any]) -> None:
    sent = photo(kind, **how)
    for length in range(len(sent)):
        with pytest.raises(NoPictureError):
            picture_of(sent[:length])


@pytest.mark.parametrize(("kind", "how"), KINDS)
def test_a_broken_photo_is_taken_or_refused_and_breaks_nothing(kind: str, how: dict[str, Any]) -> None:
    seeded = random.Random(7)
    sent = photo(kind, **how)
    for _ in range(400):
        broken = bytearray(sent)
        broken[seeded.randrange(200)] = seeded.randrange(256)
        try:
            picture_of(bytes(broken))
        except NoPictureError as error:
            assert str(error).startswith("This ")


def test_a_png_whose_checksum_does_not_fit_is_refused() -> None:
    sent = bytearray(photo("PNG"))
    sent[sent.index(b"IDAT") + 10] ^= 1
    with pytest.raises(NoPictureError, match="damaged or incomplete"):
        picture_of(bytes(sent))


def _png_of(width: int, height: int) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (b"", "no photo that we can show"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "no photo that we can show"),
        (b"GIF89a" + BEHIND, "no photo that we can show"),
        (b"%PDF-1.7", "no photo that we can show"),
        (b"\xff\xd8\xff\xd9", "damaged or incomplete"),
        (_png_of(0, 4), "damaged or incomplete"),
        (_png_of(MAX_SIDE + 1, 4), "pixels on a side"),
        (_png_of(MAX_SIDE, MAX_SIDE), "megapixels"),
        (photo() + bytes(MAX_BYTES), "larger than 2 MB"),
    ],
)
def test_what_is_no_photo_is_refused_in_words(file: bytes, told: str) -> None:
    with pytest.raises(NoPictureError, match=told):
        picture_of(file)


Ask = Callable[..., Any]


@pytest.fixture
async def ask(http: aiohttp.ClientSession, token: Any) -> Ask:
    """Asks as somebody: (status, body, headers); a body of bytes is sent as it is."""

    async def asked(who: str, path: str, body: object = None) -> tuple[int, Any, Any]:
        headers = {"Authorization": f"Bearer {await token(who)}"} if who else {}
        sent: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
        async with http.request("GET" if body is None else "POST", path, headers=headers, **sent) as response:
            told = await (response.json(content_type=None) if "json" in response.content_type else response.read())
            return response.status, told, response.headers

    return asked


async def _reported(running: RunningStore, ask: Ask, reason: str = "damaged") -> str:
    """Where photos of a report of Aiko's go."""
    order = next(one for one in running.store.orders_of("cus-aiko") if one.delivered_day == -6)
    body = {"order_id": order.id, "asins": [order.lines[0].product.asin], "reason": reason}
    status, begun, _ = await ask("aiko", "/returns/v1/returns", body)
    assert status == 201
    return f"/returns/v1/returns/{begun['cases'][0]['number']}/photos"


async def test_a_photo_is_shown_to_its_sender_and_to_who_works_here(running: RunningStore, ask: Ask) -> None:
    status, told, _ = await ask("aiko", await _reported(running, ask), photo("PNG"))
    (case,) = told["cases"]
    (kept,) = case["photos"]
    assert (status, kept["media_type"], case["photos_left"]) == (201, "image/png", MOST_PHOTOS - 1)
    address = f"/returns/v1/photos/{kept['id']}"
    for who, expected in (("aiko", 200), ("oda", 200), ("ben", 404), ("", 401)):
        status, body, headers = await ask(who, address)
        assert status == expected, who
        if status == 200:
            assert pixels(body) == pixels(photo("PNG"))
            assert (headers["content-type"], headers["x-content-type-options"]) == ("image/png", "nosniff")
            assert "sandbox" in headers["content-security-policy"]


async def test_who_works_here_sees_what_waits_and_nobody_else_does(running: RunningStore, ask: Ask) -> None:
    await ask("aiko", await _reported(running, ask), photo())
    reports = (await ask("oda", "/returns/v1/reports"))[1]["reports"]
    of_aiko = [one for one in reports if one["customer"] == "Aiko Tanaka"]
    assert [len(case["photos"]) for one in of_aiko for case in one["returned"]["cases"]].count(1) == 1
    assert (await ask("aiko", "/returns/v1/reports"))[0] == 403
    assert (await ask("", "/returns/v1/reports"))[0] == 401


async def test_a_file_that_is_no_photo_changes_nothing(running: RunningStore, ask: Ask) -> None:
    address = await _reported(running, ask)
    status, problem, _ = await ask("aiko", address, b"<html>" + BEHIND)
    assert (status, problem["code"]) == (415, "no_picture")
    assert (await ask("aiko", address, bytes(MAX_BYTES + 2)))[0] == 413
    assert (await ask("ben", address, photo()))[0] == 404
    assert (await ask("", address, photo()))[0] == 401
    assert not any(case.photos for one in running.store.orders_of("cus-aiko") for case in one.returns)


async def test_a_return_takes_so_many_photos_and_a_change_of_mind_none(running: RunningStore, ask: Ask) -> None:
    address = await _reported(running, ask)
    answers = [(await ask("aiko", address, photo()))[0] for _ in range(MOST_PHOTOS + 1)]
    assert answers == [201] * MOST_PHOTOS + [409]
    order = next(one for one in running.store.orders_of("cus-aiko") if one.delivered_day == -6)
    body = {"order_id": order.id, "asins": [order.lines[1].product.asin], "reason": "changed_mind"}
    begun = (await ask("aiko", "/returns/v1/returns", body))[1]["cases"][1]
    assert begun["photos_left"] == 0
    assert (await ask("aiko", f"/returns/v1/returns/{begun['number']}/photos", photo()))[0] == 409


async def test_all_photos_together_have_a_bound(
    running: RunningStore, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = await _reported(running, ask)
    monkeypatch.setattr(order_book, "MOST_PHOTO_BYTES", len(picture_of(photo()).body) + 1)
    assert (await ask("aiko", address, photo()))[0] == 201
    status, problem, _ = await ask("aiko", address, photo())
    assert (status, problem["detail"]) == (507, "There is no room for photos now. Send it by email.")
