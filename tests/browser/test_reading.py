"""Everybody's walk: home, search, a project, a comparison; in light and dark, on a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, accessible, fits

PAGES = (
    "/",
    "/search?q=acme",
    "/project/acme-orders/",
    "/crates/acme-wire",
    "/@acme/money",
    "/grids/",
    "/project/nope/",
    "/account",
    "/me",
    "/upload",
    "/manage/pypi/acme-orders",
    "/auth",
    "/openapi/",
)
OPEN = ("/", "/acct/login", "/acct/register", "/acct/invited")


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_pages_are_accessible_and_fit(visit, server, look):
    page = visit("/", user="ann", dark=look == "dark", phone=look == "phone")
    for path in PAGES:
        page.goto(server.url + path)
        accessible(page)
        fits(page)


def test_pages_before_the_login_are_too(visit, server):
    page = visit("/")
    for path in OPEN:
        page.goto(server.url + path)
        accessible(page)
        fits(page)


def test_from_the_search_to_a_release(visit):
    page = visit("/", user="bob")
    page.get_by_role("searchbox").fill("orders")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("orders")
    page.get_by_role("link", name="acme-orders").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("acme-orders 1.1")
    expect(page.locator(".readme")).to_contain_text("Typed client")
    page.get_by_role("link", name="1.0", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("acme-orders 1.0")
    page.get_by_role("link", name="acme-ui").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("acme-ui 1.0")


def test_a_command_is_copied(visit, server):
    page = visit("/project/acme-orders/", user="bob")
    page.get_by_role("button", name="Copy the command for pip").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"pip install --index-url {server.url}/simple/ acme-orders==1.1"


def test_a_choice_is_sent_at_once(visit):
    page = visit("/search", user="bob")
    page.get_by_label("Kind").select_option(label="Rust (1)")
    page.wait_for_url("**in=cargo**")
    expect(page.get_by_role("status")).to_have_text("1 package")


def test_the_keyboard_is_enough(visit):
    page = visit("/project/acme-orders/", user="bob")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert inside


def test_a_file_is_downloaded(visit):
    page = visit("/project/acme-orders/", user="bob")
    with page.expect_download() as download:
        page.get_by_role("link", name="acme_orders-1.1.tar.gz").click()
    assert download.value.suggested_filename == "acme_orders-1.1.tar.gz"


def test_whoever_has_to_log_in_comes_back(visit, server):
    page = visit("/project/acme-orders/")
    page.get_by_label("User name").fill("bob")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{server.url}/project/acme-orders/")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()


def test_pages_are_light(visit, server):
    for path in ("/", "/project/acme-orders/", "/search"):
        sizes: list[int] = []
        page = visit("/account", user="bob")
        page.on("response", lambda answer, sizes=sizes: sizes.append(len(answer.body())))
        page.goto(server.url + path, wait_until="networkidle")
        assert sum(sizes) < 100_000
