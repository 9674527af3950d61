"""What administrators see of upstreams, and do about what is held of them."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.web.control.figures import FIGURES, Figures
from tests.builders import a_wheel
from tests.http.web.conftest import Browser

HERE = "/admin/upstreams"
FOO = Project(PYPI, "foo")
WHEEL = a_wheel("foo", "1.0")


@pytest.fixture
def boss_at():
    """An administrator's browser at a site."""
    return lambda site: Browser(site.client, site.services, "boss")


@pytest.fixture
def site(upstream, open_site):
    """It holds a file of the upstream, and its page."""
    upstream.add("foo", WHEEL)
    upstream.add("bar", a_wheel("bar", "1.0"))
    made = open_site("cache")
    hold(made, "foo", WHEEL)
    return made


def hold(site, name: str, wheel) -> None:
    """Fetch a project's page and a file, as pip does."""
    site.page(name)
    assert site.get(f"/api/package/{name}/{wheel.filename}").status_int == 200
    site.wait_for(name, wheel.filename)


def done(answer, key: str) -> None:
    """It was done."""
    assert answer.status_int == 303, answer.text
    assert answer.headers["Location"].endswith(f"done={key}")


def test_without_upstreams_it_says_so(open_site, boss_at):
    boss = boss_at(open_site("none"))
    assert "No upstream is set" in boss.read(HERE)
    assert "No upstream is set" in boss.read("/admin/confusion")
    for deed in ("ask-again", "let-go", "pin", "unpin"):
        assert boss.post(HERE, do=deed, project="foo").status_int == 404


def test_what_is_held_and_how_well_it_serves(site, boss_at, upstream):
    site.page("foo")
    page = boss_at(site).read(HERE)
    assert upstream.index in page
    assert 'href="/project/foo/"' in page
    assert "1 file" in page
    assert "2 fresh, 1 fetched" in page
    assert '<span class="figure">67 %</span>' in page
    assert 'name="project" value="foo"' in page


def test_names_are_found_and_ordered_by_age(site, boss_at):
    site.clock.now += timedelta(days=3)
    hold(site, "bar", a_wheel("bar", "1.0"))
    page = boss_at(site).read(f"{HERE}?by=age")
    held = page[page.index('id="held"') :]
    assert held.index('value="foo"') < held.index('value="bar"')
    assert "3 days ago" in held
    boss = boss_at(site)
    only = boss.read(f"{HERE}?q=BA")
    assert 'value="bar"' in only
    assert 'value="foo"' not in only
    assert "Nothing of that name" in boss.read(f"{HERE}?q=zzz%00")


def test_the_upstream_is_asked_again(site, boss_at, upstream):
    boss = boss_at(site)
    site.page("foo")
    asked = upstream.asked("/simple/foo/").total()
    done(boss.post(HERE, do="ask-again", project="foo"), "asked-again")
    site.page("foo")
    assert upstream.asked("/simple/foo/").total() == asked + 1
    assert boss.post(HERE, do="ask-again", project="nope").status_int == 404


def test_what_is_let_go_of_is_fetched_again(site, boss_at, upstream):
    boss = boss_at(site)
    held = site.services.upstreams.held
    done(boss.post(HERE, do="let-go", project="foo"), "let-go")
    assert not held.files(FOO)
    assert boss.post(HERE, do="let-go", project="foo").status_int == 404
    hold(site, "foo", WHEEL)
    event = site.services.state.audit_events(limit=1)[0]
    assert (event.action, event.subject) == ("upstream.drop", "foo")


def test_what_is_kept_for_good_stays(site, boss_at):
    boss = boss_at(site)
    held = site.services.upstreams.held
    done(boss.post(HERE, do="pin", project="foo"), "pinned")
    assert "kept for good" in boss.read(HERE)
    assert boss.post(HERE, do="let-go", project="foo").status_int == 409
    site.clock.now += timedelta(days=9)
    boss = boss_at(site)
    done(boss.post(HERE, do="let-go-unused", days="5"), "let-go")
    assert held.files(FOO)
    done(boss.post(HERE, do="unpin", project="foo"), "unpinned")
    done(boss.post(HERE, do="let-go-unused", days="5"), "let-go")
    assert not held.files(FOO)


@pytest.mark.parametrize("days", ["", "0", "-1", "1.5", "x", "99999999"])
def test_days_are_a_number(site, boss_at, days):
    assert boss_at(site).post(HERE, do="let-go-unused", days=days).status_int == 400
    assert site.services.upstreams.held.files(FOO)


def test_names_of_ours_that_an_upstream_has(site, boss_at, upstream):
    boss = boss_at(site)
    assert "None is known" in settled(boss)
    assert site.upload(*a_wheel("foo", "2.0")).status_int == 200
    site.client.app.registry[FIGURES] = Figures()  # as a minute later
    page = settled(boss)
    assert "<strong>1</strong> name is here and elsewhere" in page
    assert 'href="/admin/rights?project=foo"' in page


def test_reserved_names_are_told(open_site, boss_at, upstream):
    page = settled(boss_at(open_site("cache", upstream__reserved="acme-*")))
    assert "<code>acme-*</code>" in page


def test_an_address_with_a_password_does_not_show_it(open_site, boss_at, upstream):
    site = open_site(
        "cache",
        pypi__upstreams="corp",
        upstream__corp__url=upstream.index,
        upstream__corp__username="reader",
        upstream__corp__password="very-secret",
    )
    assert "very-secret" not in boss_at(site).read(HERE)


def settled(boss) -> str:
    """The report, once it is made."""
    for _ in range(100):
        page = boss.read("/admin/confusion")
        if "being counted" not in page:
            return page
        time.sleep(0.05)
    raise AssertionError("it is counted for ever")
