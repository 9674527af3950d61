"""A running server with something of each ecosystem, and Chromium looking at it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.builders import a_crate, a_wheel, an_sdist
from tests.support.jsr import a_package
from tests.support.need import lacking
from tests.support.server import LiveServer
from tests.support.uploads import multipart

PASSWORD = "correct horse battery"
PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
README = "# Orders\n\nTyped *client*.\n\n```python\nimport orders\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

PATIENCE = 20_000
"""Milliseconds in which a page comes to be as expected."""

Open = Callable[..., Page]


expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this machine."""
    place = next((place for place in PLACES if Path(place).exists()), None)
    if place is None:
        lacking("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[LiveServer]:
    """A server with users ``boss``, ``ann`` and ``bob``, and packages of ``ann``."""
    data = tmp_path_factory.mktemp("browser") / "data"
    options = {
        "pypi.default_read": "authenticated",
        "pypi.default_write": "authenticated",
        "pypi.allow_delete_groups": "authenticated",
    }
    with LiveServer(data, options) as live:
        for name in ("boss", "ann", "bob"):
            live.add_user(name, PASSWORD, admin=name == "boss")
        _fill(live)
        yield live


@pytest.fixture
def visit(chromium, server) -> Iterator[Open]:
    """Opens a page as somebody (None: nobody), and fails if anything on it fails or is blocked."""
    contexts = []
    wrong: list[str] = []

    def open_page(path: str, *, user: str | None = None, dark: bool = False, phone: bool = False) -> Page:
        context = chromium.new_context(
            viewport=PHONE if phone else DESK, color_scheme="dark" if dark else "light"
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        page.on("request", lambda asked: _is_ours(server, asked.url) or wrong.append(asked.url))
        if user is not None:
            log_in(page, server, user)
        page.goto(server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


def log_in(page: Page, server: LiveServer, user: str) -> None:
    """By the form, as people do."""
    page.goto(f"{server.url}/acct/login")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def accessible(page: Page) -> None:
    """What axe finds wrong fails, with its report."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def fits(page: Page) -> None:
    """Nothing makes the page wider than the window; what is wide scrolls by itself."""
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, page.url


def _is_ours(server: LiveServer, url: str) -> bool:
    return url.startswith((server.url + "/", "data:", "blob:"))


def _fill(live: LiveServer) -> None:
    ann = ("ann", PASSWORD)
    metadata = {"Summary": "Typed client", "Description-Content-Type": "text/markdown"}
    for version in ("1.0", "1.1"):
        for build in (a_wheel, an_sdist):
            built = build("acme-orders", version, metadata=metadata, description=README)
            _send(live, *multipart(built.filename, built.content))
    built = a_wheel("acme-ui", "1.0", metadata={"Requires-Dist": "acme-orders>=1"})
    _send(live, *multipart(built.filename, built.content))
    crate = a_crate("acme-wire", "0.1.0", package={"description": "Frames", "license": "MIT"})
    said = {"name": "acme-wire", "vers": "0.1.0", "deps": [], "features": {}, "description": "Frames"}
    told = json.dumps(said | {"license": "MIT"}).encode()
    body = struct.pack("<I", len(told)) + told + struct.pack("<I", len(crate.content)) + crate.content
    assert live.request("/api/v1/crates/new", method="PUT", auth=ann, body=body).status == 200
    path = "/api/scopes/acme/packages/money/versions/1.0.0?config=/deno.json"
    headers = {"Content-Encoding": "gzip"}
    package = a_package("@acme/money", "1.0.0")
    assert live.request(path, method="POST", auth=ann, headers=headers, body=package).status == 200


def _send(live: LiveServer, kind: str, body: bytes) -> None:
    answer = live.request(
        "/simple/", method="POST", auth=("ann", PASSWORD), headers={"Content-Type": kind}, body=body
    )
    assert answer.status == 200, answer
