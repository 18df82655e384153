"""Server-sent events, read: bytes in, the data of whole events out; no input or output of its own."""

from collections.abc import Iterator
from typing import Final

MOST_BYTES: Final = 1 << 20
"""Of an event: whoever sends more sends no events."""


class EventDecoder:
    """Fed with bytes as they come, cut anywhere."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, content: bytes) -> Iterator[bytes]:
        """The data of the events that end in ``content``. Raises ``ValueError`` when one is too long."""
        *ended, rest = content.split(b"\n")
        for line in ended:
            whole = bytes(self._line) + line if self._line else line
            self._line.clear()
            if (data := self._of_line(whole.removesuffix(b"\r"))) is not None:
                yield data
        self._line += rest
        self._size = len(self._line) + sum(map(len, self._data))
        if self._size > MOST_BYTES:
            raise ValueError(f"an event of more than {MOST_BYTES} bytes")

    def _of_line(self, line: bytes) -> bytes | None:
        """The data of the event that this line ends. Comments and other fields are passed over."""
        if line.startswith(b"data:"):
            self._data.append(line[6:] if line[5:6] == b" " else line[5:])
        elif not line and self._data:
            data = b"\n".join(self._data)
            self._data.clear()
            return data
        return None
