"""What a connection is told before it ends: an API Gateway's has no code and no reason of ours, so a frame says it (W-13)."""

from collections.abc import Mapping
from typing import Final

from mangaassist.edge.connection import RECONNECT_AFTER_MS
from mangaassist.wire.frames import Drain, ErrorFrame, ServerFrame
from mangaassist.wire.problems import AWAY, problem

FAREWELLS: Final[Mapping[int, ServerFrame]] = {
    1003: ErrorFrame(problem=problem(400, "bad_request", "Text frames only.")),
    1009: ErrorFrame(problem=problem(413, "too_large", "A frame may have 16 KiB.")),
    1012: Drain(reconnect_after_ms=RECONNECT_AFTER_MS),
    1013: ErrorFrame(problem=AWAY),
    4401: ErrorFrame(problem=problem(401, "unauthenticated", "The token has expired. Sign in again.")),
    4403: ErrorFrame(problem=problem(403, "forbidden", "The conversation belongs to a signed-in shopper.")),
}
"""By the code that a socket of ours would be closed with. Who has said nothing for a while (4408) is told nothing."""
