"""RSS 2.0 feeds, whatever they tell of. Links in them have to be absolute."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

RSS = "text/xml; charset=utf-8"
"""The content type of a feed."""

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed; ``published`` is aware."""

    title: str
    link: str
    description: str
    published: datetime


def feed(title: str, link: str, description: str, items: Iterable[Item]) -> bytes:
    """A whole feed, its items in their order."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0">\n<channel>\n'
        f"<title>{_escaped(title)}</title>\n"
        f"<link>{_escaped(link)}</link>\n"
        f"<description>{_escaped(description)}</description>\n"
        "<language>en</language>\n"
        f"{''.join(map(_item, items))}</channel>\n</rss>\n"
    ).encode()


def xml_text(text: str) -> str:
    """The text without what XML 1.0 cannot hold even as a reference: most control characters, surrogates."""
    return _NOT_IN_XML.sub("", text)


def _item(item: Item) -> str:
    published = format_datetime(item.published.astimezone(UTC), usegmt=True)
    return (
        "<item>\n"
        f"<title>{_escaped(item.title)}</title>\n"
        f"<link>{_escaped(item.link)}</link>\n"
        f"<guid>{_escaped(item.link)}</guid>\n"
        f"<description>{_escaped(item.description)}</description>\n"
        f"<pubDate>{published}</pubDate>\n"
        "</item>\n"
    )


def _escaped(text: str) -> str:
    return escape(xml_text(text))
