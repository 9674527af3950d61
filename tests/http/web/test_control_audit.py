"""The audit and the journal, with filters and portions."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from pypicloud_like.core.model import PYPI, Project, Right

FOO = Project(PYPI, "foo")
HERE = "/admin/audit"


@pytest.fixture
def ini():
    return {"pypi.default_read": "authenticated", "pypi.default_write": "authenticated"}


def rows(page: str) -> int:
    """How many rows the table has."""
    return page.count("<tr><td>")


class TestAudit:
    @pytest.fixture
    def filled(self, users, services, clock):
        users.add_group("devs", actor="boss")
        clock.now += timedelta(days=2)
        users.grant(FOO, "group", "devs", Right.READ, actor="boss")
        users.revoke(FOO, "group", "devs", Right.READ, actor="ann")

    @pytest.mark.parametrize(
        ("query", "seen", "unseen"),
        [
            ("", "group.add", "nothing"),
            ("action=grant", ">grant<", ">revoke<"),
            ("action=group.*", "group.add", ">grant<"),
            ("actor=Ann", ">revoke<", ">grant<"),
            ("about=dev", "group.add", ">grant<"),
            ("since=2026-01-03", ">grant<", "group.add"),
            ("until=2026-01-03", "group.add", ">grant<"),
            ("since=2026-01-04&until=2026-01-04", ">grant<", "group.add"),
            ("action=made.up", "There is nothing like that", "group.add"),
        ],
    )
    def test_it_is_filtered(self, boss, filled, query, seen, unseen):
        page = boss.read(f"{HERE}?{query}")
        assert seen in page
        assert unseen not in page

    def test_it_comes_in_portions(self, boss, users):
        for number in range(120):
            users.add_group(f"group-{number:03}", actor="boss")
        page, seen = boss.read(f"{HERE}?action=group.*"), 0
        for _ in range(3):
            seen += rows(page)
            older = re.search(r'rel="next" href="([^"]+)"', page)
            if older is None:
                break
            page = boss.read(HERE + html.unescape(older[1]))
            assert "Newest" in page
        assert seen == 120

    @pytest.mark.parametrize(
        "query", ["since=yesterday", "until=2026-13-01", "since=0", "actor=%00", "about=a%00b"]
    )
    def test_what_cannot_be_sought(self, boss, query):
        page = boss.read(f"{HERE}?{query}", status=400)
        assert 'role="alert"' in page

    @pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "1.5", "0"])
    def test_a_strange_place_to_begin_harms_nobody(self, boss, before):
        boss.read(f"{HERE}?before={before}")

    def test_what_is_written_there_harms_nobody(self, boss, services):
        evil = "<script>alert(1)</script>"
        services.state.audit("made", evil, actor=evil, note=evil)
        assert "<script>alert" not in boss.read(HERE)
        assert "<script>alert" not in boss.read("/admin")
        for name in ("action", "actor", "about", "since", "until", "of", "done"):
            assert (
                "<script>alert" not in boss.get(f"{HERE}?{name}=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
            )


class TestJournal:
    def test_what_happened_to_packages(self, boss, site):
        site.wheel("foo", "1.0")
        site.crate("baz", "0.1.0", description="Bazzes")
        page = boss.read(f"{HERE}?of=packages")
        assert 'href="/project/foo/"' in page
        assert "foo-1.0-py3-none-any.whl" in page
        only = boss.read(f"{HERE}?of=packages&about=cargo:baz")
        assert 'href="/crates/baz"' in only
        assert 'href="/project/foo/"' not in only
        assert 'href="/project/foo/"' in boss.read(f"{HERE}?of=packages&actor=ann&action=upload")
        assert "There is nothing like that" in boss.read(f"{HERE}?of=packages&action=yank")

    def test_what_is_no_project(self, boss):
        assert 'role="alert"' in boss.read(f"{HERE}?of=packages&about=npm:x", status=400)
