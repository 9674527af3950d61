"""Trusted publishers are made, looked at and removed; what maintainers do fits a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, accessible, fits
from tests.builders import a_wheel, an_sdist
from tests.support.server import LiveServer
from tests.support.uploads import multipart

LONG = "acme/a-repository-with-a-name-that-goes-on-and-on-and-on-and-on-until-it-is-wider-than-a-phone"


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[LiveServer]:
    """A server that trusts two issuers, with a project of ``ann``."""
    options = {
        "pypi.default_read": "authenticated",
        "pypi.default_write": "authenticated",
        "pypi.allow_delete_groups": "authenticated",
        "oidc.audience": "packages.example.org",
        "oidc.issuers": "github gitlab",
        "oidc.github.url": "https://token.actions.githubusercontent.com",
        "oidc.gitlab.url": "https://gitlab.example.org",
        "oidc.gitlab.kind": "gitlab",
    }
    with LiveServer(tmp_path_factory.mktemp("publishers") / "data", options) as live:
        for name in ("boss", "ann"):
            live.add_user(name, PASSWORD, admin=name == "boss")
        for build in (a_wheel, an_sdist):
            built = build("acme-orders", "1.0")
            kind, body = multipart(built.filename, built.content)
            headers = {"Content-Type": kind}
            sent = live.request("/simple/", method="POST", auth=("ann", PASSWORD), headers=headers, body=body)
            assert sent.status == 200, sent
        yield live


def test_an_owner_lets_jobs_publish_and_an_administrator_ends_it(visit, server):
    page = visit("/manage/pypi/acme-orders", user="ann")
    page.get_by_role("link", name="Let jobs publish it").click()
    expect(page.get_by_label("Project", exact=True)).to_have_value("acme-orders")
    page.get_by_label("What their identity tokens must say").fill("repository=acme/*")
    page.get_by_label("Workflow").fill("release.yml")
    page.get_by_role("button", name="Trust such jobs").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Workflow")).to_have_value("release.yml")
    accessible(page)
    page.get_by_label("Workflow").fill("")
    page.get_by_label("What their identity tokens must say").fill(f"repository={LONG}\nenvironment=release")
    page.get_by_role("button", name="Trust such jobs").click()
    expect(page.get_by_role("status")).to_contain_text("may publish")
    for look in ("light", "dark", "phone"):
        other = visit("/", user="boss", dark=look == "dark", phone=look == "phone")
        for path in (
            "/admin/publishers",
            "/account/publishers",
            "/manage/pypi/acme-orders",
            "/manage/pypi/acme-orders?delete=1.0",
        ):
            other.goto(server.url + path)
            accessible(other)
            fits(other)
    other.goto(f"{server.url}/admin/publishers")
    expect(other.get_by_text(f"repository={LONG}")).to_be_visible()
    other.get_by_role("button", name="Remove a publisher of acme-orders").click()
    expect(other.get_by_role("status")).to_contain_text("trusted no more")
    page.reload()
    expect(page.get_by_text("No jobs publish for you")).to_be_visible()


def test_on_a_phone_everything_a_maintainer_does_is_in_sight(visit, server):
    page = visit("/manage/pypi/acme-orders", user="ann", phone=True)
    for role, name in (("button", "Yank 1.0"), ("link", "Delete 1.0")):
        box = page.get_by_role(role, name=name).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    page.get_by_role("link", name="Delete 1.0").click()
    page.get_by_role("link", name="Only this one… (acme_orders-1.0.tar.gz)").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("acme_orders-1.0.tar.gz is deleted")
    page.goto(f"{server.url}/project/acme-orders/")
    page.get_by_role("link", name="Use it").click()
    expect(page.get_by_role("heading", name="Use it")).to_be_in_viewport()


def test_a_whole_digest_can_be_copied(visit):
    page = visit("/project/acme-orders/", user="ann")
    page.locator(".digest").first.click()
    assert len(page.evaluate("getSelection().toString()").strip()) == 64
