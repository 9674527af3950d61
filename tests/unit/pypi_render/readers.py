"""A reader of index pages of our own, by the standard library alone."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class ReadPage:
    metas: dict = field(default_factory=dict)
    anchors: list = field(default_factory=list)
    """(text, attributes) each"""
    comments: list = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.page = ReadPage()
        self._open = None

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert len(attributes) == len(attrs), "an attribute is there twice"
        if tag == "meta" and "name" in attributes:
            self.page.metas[attributes["name"]] = attributes["content"]
        if tag == "a":
            self._open = ("", attributes)

    def handle_data(self, data):
        if self._open:
            self._open = (self._open[0] + data, self._open[1])

    def handle_endtag(self, tag):
        if tag == "a":
            self.page.anchors.append(self._open)
            self._open = None

    def handle_comment(self, data):
        self.page.comments.append(data)


def read_html(body):
    reader = _Reader()
    reader.feed(body.decode("utf-8"))
    reader.close()
    return reader.page
