"""Makes a README's HTML, which is clean already, fit into a page of ours: nothing in it may look like ours,
be loaded from elsewhere, or lead to an address of this server.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

_VOID = frozenset({"br", "hr", "col"})
_HEADING = re.compile(r"h([1-6])\Z")
_ADDRESS = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_TOKEN_CLASS = re.compile(r"[a-z][a-z0-9]{0,2}\Z")
_KEPT = {
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan"},
    "ol": {"start"},
    "abbr": {"title"},
    "p": {"align"},
    "div": {"align"},
}
_RENAMED = {"tt": "code", "acronym": "abbr", "nav": "div", "aside": "div", "section": "div"}
PREFIX = "user-content-"
"""What ids of a README begin with, so that none is one of the page around it."""


def fitted(html: str) -> str:
    """The HTML as it may stand below a heading of the second level.

    Pictures become links to them, links stay where they lead to the web or within the README.
    """
    fitting = _Fitting()
    fitting.feed(html)
    fitting.close()
    return "".join(fitting.out)


class _Fitting(HTMLParser):
    """Writes down again what it reads, changed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._link: list[str] | None = None
        """What an open link has so far; its own tag first."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "img":
            self._picture(told)
        elif tag == "a":
            self._link = [f"<a{_target(told)}>"]
        elif tag == "input":
            self._write("☑" if "checked" in told else "☐")
        else:
            self._write(f"<{_name(tag)}{_attributes(tag, told)}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._end_link()
        elif tag not in _VOID and tag not in {"img", "input"}:
            self._write(f"</{_name(tag)}>")

    def handle_data(self, data: str) -> None:
        self._write(escape(data, quote=False))

    def close(self) -> None:
        super().close()
        self._end_link()

    def _write(self, text: str) -> None:
        (self.out if self._link is None else self._link).append(text)

    def _end_link(self) -> None:
        """A link without content, as headings have, is none."""
        if self._link is not None:
            link, self._link = self._link, None
            if "".join(link[1:]).strip():
                self.out += [*link, "</a>"]

    def _picture(self, told: dict[str, str]) -> None:
        said = escape(told.get("alt", "").strip() or "picture")
        source = told.get("src", "")
        if self._link is None and _ADDRESS.match(source):
            self._write(f'<a href="{escape(source)}" rel="nofollow noopener">[{said}]</a>')
        else:
            self._write(f"[{said}]")


def _name(tag: str) -> str:
    """Headings go below those of the page."""
    heading = _HEADING.match(tag)
    return f"h{min(int(heading[1]) + 2, 6)}" if heading else _RENAMED.get(tag, tag)


def _attributes(tag: str, told: dict[str, str]) -> str:
    kept = {name: value for name, value in told.items() if name in _KEPT.get(tag, ())}
    if told.get("id"):
        kept["id"] = _own_id(told["id"])
    if tag == "span" and _TOKEN_CLASS.match(told.get("class", "")):
        kept["class"] = told["class"]
    if tag == "pre":
        kept["tabindex"] = "0"  # what scrolls has to be reached by the keyboard
    return "".join(f' {name}="{escape(value)}"' for name, value in kept.items())


def _target(told: dict[str, str]) -> str:
    goal = told.get("href", "").strip()
    if goal.startswith("#") and len(goal) > 1:
        return f' href="#{escape(_own_id(goal[1:]))}"'
    return f' href="{escape(goal)}" rel="nofollow noopener"' if _ADDRESS.match(goal) else ""


def _own_id(name: str) -> str:
    return name if name.startswith(PREFIX) else PREFIX + name
