"""Structured logs: events with fields, never a shopper's words.

What libraries log and what nobody caught comes out of the same formatter, one event a line (O-3).
"""

import logging
import sys
import threading
from typing import Final, Literal, cast

import structlog

_OURS: Final = "mangaassist"
_EVENTS: Final[tuple[structlog.typing.Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure(level: str, style: Literal["text", "json"]) -> None:
    """Send events to standard error: as JSON lines, or coloured for a person.

    ``level`` is for our own events. Libraries speak from warnings on: their chatter holds addresses, headers and frames, and with
    them ids of sessions and what shoppers say.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_EVENTS, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_RENDERERS[style]],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(threshold, logging.WARNING), force=True)
    logging.getLogger(_OURS).setLevel(threshold)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[*_EVENTS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    _catch_the_uncaught()


_RENDERERS: Final[dict[str, tuple[structlog.typing.Processor, ...]]] = {
    "json": (structlog.processors.format_exc_info, structlog.processors.JSONRenderer()),
    "text": (structlog.dev.ConsoleRenderer(),),
}


def _catch_the_uncaught() -> None:
    """What would be a stack trace on standard error is an event, too."""
    log = logger("process")
    sys.excepthook = lambda _, error, __: log.critical("uncaught", exc_info=error)
    threading.excepthook = lambda happened: log.error("uncaught_in_thread", exc_info=happened.exc_value)
    sys.unraisablehook = lambda happened: log.error("not_raisable", exc_info=happened.exc_value)


def logger(room: str) -> structlog.typing.FilteringBoundLogger:
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger(f"{_OURS}.{room}", room=room))
