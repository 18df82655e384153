"""Pictures that shoppers send: told by their content, held to limits, and kept without what is no picture.

A file is walked part by part and made anew of the parts that draw it. So nothing that is hidden between or behind them is kept or
shown again: no place where a phone took it, no script, no second file. Nothing is decoded here.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_SIDE: Final = 8000
MAX_PIXELS: Final = 40_000_000
"""More would cost whoever looks at it hundreds of MiB of memory, however small the file is."""
KINDS: Final = "JPEG, PNG or WebP"


class Picture(NamedTuple):
    """A picture as it may be kept; `width` and `height` in pixels."""

    media_type: str
    width: int
    height: int
    body: bytes


class NoPictureError(Exception):
    """Why a file is not taken, in words for whoever sent it."""


class _BrokenError(Exception):
    """The file ends too early, or is not what its beginning says."""


def picture_of(file: bytes) -> Picture:
    """The picture that a file holds. Raises NoPictureError."""
    if len(file) > MAX_BYTES:
        raise NoPictureError(f"This photo is larger than {MAX_BYTES // 1024**2} MB.")
    read = next((read for begins, read in _READERS if begins(file)), None)
    if read is None:
        raise NoPictureError(f"This is no photo that we can show: send {KINDS}.")
    try:
        picture = read(file)
        if not (picture.width and picture.height):
            raise _BrokenError
    except (_BrokenError, struct.error, IndexError) as error:
        raise NoPictureError("This photo is damaged or incomplete.") from error
    if max(picture.width, picture.height) > MAX_SIDE:
        raise NoPictureError(f"This photo is larger than {MAX_SIDE} pixels on a side.")
    if picture.width * picture.height > MAX_PIXELS:
        raise NoPictureError(f"This photo has more than {MAX_PIXELS // 10**6} megapixels.")
    return picture


# ---- PNG (W3C PNG, third edition): a signature, then chunks of length, name, content and checksum

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_DRAWS: Final = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT"))


def _png(file: bytes) -> Picture:
    chunks = list(_png_chunks(file))
    if chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND" or not any(name == b"IDAT" for name, _, _ in chunks):
        raise _BrokenError
    width, height = struct.unpack(">II", chunks[0][1][:8])
    return Picture(
        "image/png", width, height, _PNG + b"".join(whole for name, _, whole in chunks if name in _PNG_DRAWS)
    )


def _png_chunks(file: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Name, content and the whole of each chunk, up to the end of the picture."""
    at, name = len(_PNG), b""
    while name != b"IEND":
        (length,) = struct.unpack(">I", file[at : at + 4])
        name, content, end = file[at + 4 : at + 8], file[at + 8 : at + 8 + length], at + 12 + length
        if end > len(file) or struct.unpack(">I", file[end - 4 : end])[0] != zlib.crc32(name + content):
            raise _BrokenError
        yield name, content, file[at:end]
        at = end


# ---- JPEG (ITU-T T.81): segments of a marker and a length; behind a start of scan lies what is drawn, up to the next marker

_JPEG: Final = b"\xff\xd8"
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _END, _ADOBE = 0xDA, 0xD9, 0xEE
_SPEAKS: Final = frozenset((*range(0xE1, 0xF0), 0xFE)) - {_ADOBE}
"""What tells of the picture, as EXIF does; colours hang on Adobe's segment."""
_STANDS_ALONE: Final = frozenset((0x01, *range(0xD0, 0xD8)))


def _jpeg(file: bytes) -> Picture:
    kept, size = [_JPEG], (0, 0)
    for marker, whole in _jpeg_segments(file):
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", whole[5:9])
            size = (width, height)
        if marker not in _SPEAKS:
            kept.append(whole)
    return Picture("image/jpeg", *size, b"".join(kept))


def _jpeg_segments(file: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and the whole of each segment, that of a scan with what it draws, up to the end of the picture."""
    at, marker = len(_JPEG), 0
    while marker != _END:
        while file[at + 1] == 0xFF:  # filling
            at += 1
        if file[at] != 0xFF:
            raise _BrokenError
        marker = file[at + 1]
        end = (
            at + 2
            if marker == _END or marker in _STANDS_ALONE
            else at + 2 + struct.unpack(">H", file[at + 2 : at + 4])[0]
        )
        end = _scan_end(file, end) if marker == _SCAN else end
        if end > len(file):
            raise _BrokenError
        yield marker, file[at:end]
        at = end


def _scan_end(file: bytes, at: int) -> int:
    """Where the next marker is: in what is drawn a 0xFF is followed by a zero, or by a restart."""
    while (at := file.find(b"\xff", at)) >= 0:
        if file[at + 1] != 0 and file[at + 1] not in _STANDS_ALONE:
            return at
        at += 2
    raise _BrokenError


# ---- WebP (RFC 9649): a RIFF of chunks, each of name, length and content of even length

_HAS_ALPHA: Final = 0x10


def _webp(file: bytes) -> Picture:
    """What moves is none: a photo of a fault stands still."""
    chunks = dict(_webp_chunks(file))
    width, height = _webp_size(chunks)
    drawn = [_riff(name, chunks[name]) for name in (b"ALPH", b"VP8 ", b"VP8L") if name in chunks]
    if b"VP8X" in chunks:  # says what else is there: of that nothing but transparency is kept
        flags = chunks[b"VP8X"][0] & _HAS_ALPHA
        drawn.insert(0, _riff(b"VP8X", bytes([flags]) + bytes(3) + chunks[b"VP8X"][4:10]))
    return Picture("image/webp", width, height, _riff(b"RIFF", b"WEBP" + b"".join(drawn)))


def _webp_chunks(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    (length,) = struct.unpack("<I", file[4:8])
    at, end = 12, 8 + length
    if end > len(file):
        raise _BrokenError
    while at < end:
        name, (size,) = file[at : at + 4], struct.unpack("<I", file[at + 4 : at + 8])
        if at + 8 + size > end:
            raise _BrokenError
        yield name, file[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _webp_size(chunks: dict[bytes, bytes]) -> tuple[int, int]:
    if b"VP8 " in chunks and chunks[b"VP8 "][3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", chunks[b"VP8 "][6:10])
        return width & 0x3FFF, height & 0x3FFF
    if b"VP8L" in chunks and chunks[b"VP8L"][0] == 0x2F:
        (bits,) = struct.unpack("<I", chunks[b"VP8L"][1:5])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise _BrokenError


def _riff(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


_READERS: Final[tuple[tuple[Callable[[bytes], bool], Callable[[bytes], Picture]], ...]] = (
    (lambda file: file.startswith(_PNG), _png),
    (lambda file: file.startswith(_JPEG), _jpeg),
    (lambda file: file[:4] == b"RIFF" and file[8:12] == b"WEBP", _webp),
)
