"""Every handler of this process, whoever made it, gets a formatter of ours around its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from pypicloud_like.logs.lines import JsonLines, Lines
from pypicloud_like.logs.masking import Mask, secrets_of
from pypicloud_like.settings.model import Settings


def make_safe(settings: Settings) -> None:
    """Mask secrets, escape control characters, and write JSON if the settings want it. To be called when
    logging is set up; again does no harm.
    """
    mask = Mask(secrets_of(settings))
    kind = JsonLines if settings.log.format == "json" else Lines
    for handler in _handlers():
        inner = handler.formatter
        if isinstance(inner, Lines | JsonLines):
            inner = inner.inner
        handler.setFormatter(kind(inner, mask))


def _handlers() -> Iterator[logging.Handler]:
    known = [logging.root, *logging.root.manager.loggerDict.values()]
    found = [handler for logger in known if isinstance(logger, logging.Logger) for handler in logger.handlers]
    if logging.lastResort is not None:  # what writes warnings while nothing is set up
        found.append(logging.lastResort)
    yield from dict.fromkeys(found)
