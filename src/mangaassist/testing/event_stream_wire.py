"""The bytes of AWS's event stream (``application/vnd.amazon.eventstream``), as a server writes them.

A message is a prelude (its whole length, the length of its headers, a CRC-32 of both), headers, a payload, and a CRC-32 of all
that came before. Lengths and checksums are four bytes each, the most significant first.
"""

import struct
import zlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

CONTENT_TYPE: Final = "application/vnd.amazon.eventstream"
_STRING: Final = 7
"""The type of a header whose value is text; no other is needed here."""
_LENGTH: Final = struct.Struct(">I")
_LENGTHS: Final = struct.Struct(">II")
_HEADER: Final = struct.Struct(">BH")


def event(name: str, payload: Mapping[str, Any]) -> bytes:
    """A message that something happened; ``payload`` becomes JSON."""
    return message({":event-type": name, ":content-type": "application/json", ":message-type": "event"}, payload)


def exception(name: str, text: str) -> bytes:
    """A message that ends a stream with one of the exceptions that the service's model declares (``throttlingException``)."""
    headers = {":exception-type": name, ":content-type": "application/json", ":message-type": "exception"}
    return message(headers, {"message": text})


def message(headers: Mapping[str, str], payload: Mapping[str, Any]) -> bytes:
    head = b"".join(_header(name, value) for name, value in headers.items())
    body = msgspec.json.encode(payload)
    lengths = _LENGTHS.pack(len(head) + len(body) + 16, len(head))
    checked = lengths + _LENGTH.pack(zlib.crc32(lengths)) + head + body
    return checked + _LENGTH.pack(zlib.crc32(checked))


def damaged(whole: bytes) -> bytes:
    """A message of which one bit of the payload was lost on the way: its checksum no longer holds."""
    place = len(whole) - 6
    return whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]


def _header(name: str, value: str) -> bytes:
    called, told = name.encode(), value.encode()
    return bytes([len(called)]) + called + _HEADER.pack(_STRING, len(told)) + told
