"""Reading the HTML of simple indexes (PEP 503) in one pass, whatever it is: each character is looked at a
bounded number of times, and a page of nothing but tags comes to an end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

MOST_TAGS = 500_000
MOST_ANCHORS = 100_000
_LONGEST_TITLE = 200

_STOP = re.compile("[\"'<>]")
_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9]{0,20}")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>=]+)))?""")
_RAW = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}
"""Elements whose text is not markup."""


class TooManyTags(ValueError):
    """No index has so many."""


@dataclass(slots=True)
class Anchors:
    """What a page says: its anchors (attributes of those that have an address), base, metas, and title."""

    anchors: list[Mapping[str, str]] = field(default_factory=list)
    base: str = ""
    metas: dict[str, str] = field(default_factory=dict)
    title: str = ""


def read_anchors(text: str) -> Anchors:
    """Read a page; of more anchors than any index has only the first ones.

    :raises TooManyTags: it has more tags than any index
    """
    found = Anchors()
    for name, attributes, end in _tags(text):
        if name == "a" and "href" in attributes:
            found.anchors.append(attributes)
            if len(found.anchors) >= MOST_ANCHORS:
                break
        elif name == "base" and not found.base:
            found.base = attributes.get("href", "")
        elif name == "meta" and "name" in attributes:
            found.metas.setdefault(attributes["name"].lower(), attributes.get("content", ""))
        elif name == "title" and not found.title:
            found.title = unescape(text[end : end + _LONGEST_TITLE].partition("<")[0])
    return found


def _tags(text: str) -> Iterator[tuple[str, Mapping[str, str], int]]:
    """Each start tag that counts: its name, its attributes, and where it ends."""
    at = text.find("<")
    for _ in range(MOST_TAGS):
        if at < 0:
            return
        name = _NAME.match(text, at + 1)
        if name is None:
            at = _after_declaration(text, at)
            continue
        end, closed = _end_of_tag(text, name.end())
        if end < 0:
            return
        if closed:
            word = name[0].lower()
            if word in {"a", "base", "meta", "title"}:
                yield word, _attributes(text[name.end() : end]), end + 1
            elif word in _RAW:
                raw = _RAW[word].search(text, end)
                if raw is None:
                    return
                end = raw.start()
        at = text.find("<", end)
    raise TooManyTags


def _after_declaration(text: str, at: int) -> int:
    """Where the next tag may begin after something at ``at`` that is none: a comment, a declaration, or a
    lonely ``<``; -1 if nowhere.
    """
    if text.startswith("<!--", at):
        end = text.find("-->", at + 4)
    elif text.startswith(("<!", "<?"), at):
        end = text.find(">", at)
    else:
        end = at
    return text.find("<", end + 1) if end >= 0 else -1


def _end_of_tag(text: str, at: int) -> tuple[int, bool]:
    """Where a tag ends, and whether it does so by ``>``: another ``<`` before means that it was none. -1 if
    the page ends within it.
    """
    while True:
        stop = _STOP.search(text, at)
        if stop is None:
            return -1, False
        if stop[0] in "<>":
            return stop.start(), stop[0] == ">"
        closing = text.find(stop[0], stop.end())
        if closing < 0:
            return -1, False
        at = closing + 1


def _attributes(body: str) -> Mapping[str, str]:
    """The attributes of a tag, entities undone; of several of one name the last one."""
    return {
        match[1].lower(): unescape(match[2] or match[3] or match[4] or "")
        for match in _ATTRIBUTE.finditer(body)
    }
