"""What package managers ask most: index pages, unchanged ones, with and without a login."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench import corpus
from bench.contest import COMPARED, Rules, Table, Target, compare
from bench.servers import Lacking, Running, hello, ours
from pypicloud_like.ecosystems.cargo.names import index_path
from tests.support.server import LiveServer

HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
GZIP = {"Accept-Encoding": "gzip"}
CRATE = f"/cargo/index/{index_path(corpus.CRATE)}"
META = f"/{corpus.PACKAGE}/meta.json"
OPTIONS = {"pypi.default_read": "everyone", "pypi.default_write": "authenticated"}

OF_HELLO, OF_UNCHANGED, OF_OPEN = 0.75, 0.9, 0.9
"""The least shares: of Pyramid's hello, of its bare 304, of the same answer without a login."""


@dataclass(frozen=True)
class Page:
    """One address, and how many connections ask for it."""

    label: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    connections: int = 16


PAGES = (
    Page(f"page, {corpus.SMALL} files, HTML", "/simple/small/", HTML),
    Page(f"page, {corpus.SMALL} files, JSON", "/simple/small/", JSON),
    Page(f"page, {corpus.LARGE:,} files, HTML", "/simple/large/", HTML),
    Page(f"page, {corpus.LARGE:,} files, JSON", "/simple/large/", JSON),
    Page(f"page, {corpus.LARGE:,} files, JSON, gzip", "/simple/large/", JSON | GZIP),
    Page("cargo, sparse index file", CRATE),
    Page("JSR, meta.json", META),
)


def basic(user: str, password: str) -> dict[str, str]:
    """The header of a login."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def measure(filled: corpus.Corpus, kind: str, rules: Rules, table: Table, folder: Path) -> None:
    """All pages on one WSGI server."""
    server = LiveServer(filled.data, options=OPTIONS, server=kind)
    with ExitStack() as stack:
        try:
            other = stack.enter_context(hello(kind, folder))
        except Lacking as why:
            table.skipped(f"pages on {kind}", why)
            return
        token = server.add_token(filled.user)
        running = stack.enter_context(ours(server))
        table.heading(f"Pages on {kind}, against Pyramid's hello of as many bytes", *COMPARED)
        for page in PAGES:
            _against_hello(page, server, running, other, rules, table)
        table.heading(f"304 on {kind}, against Pyramid's bare 304", *COMPARED)
        for page in (PAGES[1], PAGES[4], *PAGES[5:]):
            _unchanged(page, server, running, other, rules, table)
        table.heading(f"With a login on {kind}, against the same without", *COMPARED)
        logins = {"password": basic(filled.user, filled.password), "token": basic("__token__", token)}
        # of several threads that queue for Python's lock a second tells less than what is looked for
        often = replace(rules, rounds=3 * rules.rounds)
        for page in (PAGES[1], PAGES[5], PAGES[6]):
            open_, *closed = compare(
                [
                    Target(running, page.path, page.headers | more, page.connections)
                    for more in ({}, *logins.values())
                ],
                often,
            )
            for name, seen in zip(logins, closed, strict=True):
                table.compared(f"{page.label}, {name}", seen, open_, least=OF_OPEN)


def _against_hello(
    page: Page, server: LiveServer, running: Running, other: Running, rules: Rules, table: Table
) -> None:
    answer = server.request(page.path, headers=page.headers)
    assert answer.status == 200, answer.text
    same = Target(other, f"/bytes/{len(answer.body)}", connections=page.connections)
    mine, least = compare([Target(running, page.path, page.headers, page.connections), same], rules)
    table.compared(page.label, mine, least, least=OF_HELLO)


def _unchanged(
    page: Page, server: LiveServer, running: Running, other: Running, rules: Rules, table: Table
) -> None:
    tag = server.request(page.path, headers=page.headers).headers["ETag"]
    asked = page.headers | {"If-None-Match": tag}
    mine, least = compare(
        [
            Target(running, page.path, asked, page.connections),
            Target(other, "/unchanged", connections=page.connections),
        ],
        rules,
    )
    table.compared(page.label, mine, least, least=OF_UNCHANGED)
