"""Formatters: whatever is logged, and whoever chose the words, becomes one line without secrets.

Control characters are written as escapes, so that nobody can forge a line or send commands to a terminal.
The lines of a traceback follow the line of their event, each with a mark that no event begins with.
"""

from __future__ import annotations

import copy
import json
import logging
from datetime import UTC, datetime
from typing import Any

from pypicloud_like.logs.context import request_id
from pypicloud_like.logs.masking import Mask

CONTINUED = "\n    | "
PLAIN = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def printable(text: str) -> str:
    """The text as one line: what is no printable character is written as an escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


class Lines(logging.Formatter):
    """As another formatter has it, made safe. The id of the request stands behind the message."""

    def __init__(self, inner: logging.Formatter | None = None, mask: Mask | None = None) -> None:
        super().__init__()
        self.inner = inner or logging.Formatter(PLAIN)
        self._mask = mask or Mask()

    def format(self, record: logging.LogRecord) -> str:
        """The line, and those of a traceback."""
        safe = copy.copy(record)
        safe.msg, safe.args = printable(_message(record)), None
        number = request_id.get()
        if number:
            safe.msg += f" (request {number})"
        lines = self._mask(self.inner.format(safe)).splitlines()
        return CONTINUED.join(printable(line) for line in lines)


class JsonLines(logging.Formatter):
    """One JSON object (RFC 8259, ASCII only) for each event, traceback and all.

    Its members are ``time`` (RFC 3339, UTC), ``level``, ``logger``, ``thread``, ``message``; where there is
    such a thing ``request_id``, ``exception``, and what the event brings as ``extra={"fields": {…}}``.
    """

    def __init__(self, inner: logging.Formatter | None = None, mask: Mask | None = None) -> None:
        super().__init__()
        self.inner = inner
        self._mask = mask or Mask()

    def format(self, record: logging.LogRecord) -> str:
        """The object on one line."""
        event: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "thread": record.threadName,
            "message": _message(record),
        }
        number = request_id.get()
        if number:
            event["request_id"] = number
        if record.exc_info or record.exc_text:
            event["exception"] = record.exc_text or self.formatException(record.exc_info)  # type: ignore[arg-type] # one of the two is there
        if record.stack_info:
            event["stack"] = self.formatStack(record.stack_info)
        event |= getattr(record, "fields", {})
        return json.dumps({name: self._safe(value) for name, value in event.items()})

    def _safe(self, value: object) -> object:
        if value is None or isinstance(value, int | float):
            return value
        # a lone surrogate is no character: some readers of JSON refuse its escape
        text = str(value).encode("utf-8", "backslashreplace").decode()
        return self._mask(text)


def _message(record: logging.LogRecord) -> str:
    """What is said; even where its arguments do not fit it, which is no reason to say nothing."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - any object may be logged, and its own text may fail in any way
        return f"{record.msg!r} (its arguments do not fit)"
