"""M-6: events are read off the bytes wherever the network cuts them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.models.writers.server_sent_events import MOST_BYTES, EventDecoder

STREAM = (
    ': hello\n\ndata: {"a": 1}\n\nevent: x\r\ndata:two\r\ndata: lines うず\r\n\r\nid: 3\n\ndata: [DONE]\n\n'.encode()
)
EVENTS = [b'{"a": 1}', "two\nlines うず".encode(), b"[DONE]"]


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_the_same_events_come_out_whatever_the_boundaries(cuts: list[int]) -> None:
    decoder = EventDecoder()
    edges = [0, *sorted(cuts), len(STREAM)]
    heard = [data for start, end in pairwise(edges) for data in decoder.feed(STREAM[start:end])]
    assert heard == EVENTS


def test_an_event_that_has_not_ended_is_none() -> None:
    assert list(EventDecoder().feed(b"data: half\n")) == []


@pytest.mark.parametrize("endless", [b"x" * 65_536, b"data: xxxxxxxx\n" * 4_096])
def test_what_never_ends_is_given_up(endless: bytes) -> None:
    decoder = EventDecoder()
    with pytest.raises(ValueError, match="more than"):
        for _ in range(2 * MOST_BYTES // len(endless)):
            list(decoder.feed(endless))
