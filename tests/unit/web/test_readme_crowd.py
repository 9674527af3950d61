"""Slow READMEs, of which somebody may upload as many as they like, keep nobody else waiting."""

from __future__ import annotations

import threading
import time

import pytest

from pypicloud_like.registry.pages import PageCache
from pypicloud_like.registry.presented import MARKDOWN, PLAIN, Readme
from pypicloud_like.web.browse import readmes as module
from pypicloud_like.web.browse.readmes import PLACES, Readmes

WAIT = 10


class Slow(Readmes):
    """Renders when it is allowed to."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.asked: list[str] = []

    def _html(self, readme: Readme) -> str:
        self.asked.append(readme.text)
        assert self.go.wait(WAIT)
        return f"<p>{readme.text}</p>"


@pytest.fixture
def slow(monkeypatch) -> Slow:
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    return Slow()


@pytest.fixture
def pages() -> PageCache:
    return PageCache(1_000_000)


def test_only_some_wait_and_the_others_see_it_as_it_was_written(slow, pages):
    threads = [
        threading.Thread(target=slow.page, args=(pages, Readme(f"*{number}*", MARKDOWN)))
        for number in range(PLACES)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + WAIT
    while slow._places._value and time.monotonic() < deadline:
        time.sleep(0.005)
    assert slow.page(pages, Readme("*other*", MARKDOWN)).startswith("<pre")
    assert slow.page(pages, Readme("plain", PLAIN)).startswith("<pre")
    slow.go.set()
    for thread in threads:
        thread.join(WAIT)
    assert slow.page(pages, Readme("*other*", MARKDOWN)) == "<p>*other*</p>", "what was not kept comes later"


def test_one_text_is_rendered_once(slow, pages):
    threads = [
        threading.Thread(target=slow.page, args=(pages, Readme("*same*", MARKDOWN))) for _ in range(PLACES)
    ]
    for thread in threads:
        thread.start()
    slow.go.set()
    for thread in threads:
        thread.join(WAIT)
    slow.page(pages, Readme("*same*", MARKDOWN))
    assert slow.asked == ["*same*"]


def test_one_that_took_too_long_is_not_tried_again(pages, caplog):
    readmes = Readmes(seconds=0.0)
    for _ in range(2):
        assert readmes.page(pages, Readme("*x*", MARKDOWN)).startswith("<pre")
    assert len([record for record in caplog.records if "not rendered" in record.getMessage()]) == 1


def test_what_renders_is_there_before_it_is_needed(pages):
    readmes = Readmes()
    readmes.wake()
    child = readmes._child.start()
    readmes.wake()
    assert readmes.page(pages, Readme("*x*", MARKDOWN)) == "<p><em>x</em></p>\n"
    assert readmes._child.start() is child
