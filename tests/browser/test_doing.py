"""What users and maintainers do: tokens, following, uploading, yanking, deleting, owners, invitations."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, accessible
from tests.builders import a_wheel

NEW = "another battery staple"


def test_a_token_is_made_shown_once_and_revoked(visit, server):
    page = visit("/me", user="bob")
    page.get_by_label("What it is for").fill("laptop")
    page.get_by_label("What it may do").select_option("read")
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator(".note code").inner_text()
    assert server.request("/simple/acme-orders/", auth=("__token__", secret)).status == 200
    accessible(page)
    page.goto(page.url)
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke laptop").click()
    expect(page.get_by_role("status")).to_contain_text("revoked")
    assert server.request("/simple/acme-orders/", auth=("__token__", secret)).status == 401


def test_upload_yank_and_delete(visit, server):
    page = visit("/upload", user="ann")
    wheel = a_wheel("acme-new", "1.0")
    page.get_by_label("File", exact=True).set_input_files(
        {"name": wheel.filename, "mimeType": "application/zip", "buffer": wheel.content}
    )
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("link", name="acme-new 1.0").click()
    page.get_by_role("link", name="Manage").click()
    page.get_by_label("Reason for yanking 1.0").fill("too new")
    page.get_by_role("button", name="Yank 1.0").click()
    expect(page.get_by_role("status")).to_contain_text("1.0 is yanked")
    accessible(page)
    assert "too new" in server.request("/simple/acme-new/", auth=("ann", PASSWORD)).text
    page.get_by_role("button", name="Offer 1.0 again").click()
    page.get_by_label("Name of the new owner").fill("bob")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("status")).to_contain_text("bob owns")
    page.get_by_role("link", name="Delete 1.0").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Delete acme-new 1.0?")
    accessible(page)
    page.get_by_role("button", name="Delete").click()
    page.wait_for_url("**/account")
    assert wheel.filename not in server.request("/simple/acme-new/", auth=("ann", PASSWORD)).text


def test_deleting_names_who_depends_on_it(visit):
    page = visit("/manage/pypi/acme-orders", user="ann")
    page.get_by_role("link", name="Delete 1.0").click()
    expect(page.get_by_role("link", name="acme-ui")).to_be_visible()
    page.get_by_role("link", name="Keep it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Manage")


def test_following(visit):
    page = visit("/project/acme-orders/", user="bob")
    page.get_by_role("button", name="Follow").click()
    page.get_by_role("button", name="Unfollow").wait_for()
    page.get_by_role("link", name="bob").click()
    expect(page.get_by_role("link", name="acme-orders")).to_be_visible()


def test_an_invitation_by_link(visit, server):
    answer = server.request("/admin/token/carl", auth=("boss", PASSWORD))
    path = json.loads(answer.body)["token_url"].removeprefix(server.url)
    page = visit(path)
    page.get_by_label("A password").fill(NEW)
    page.get_by_label("The same again").fill(NEW)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("link", name="carl")).to_be_visible()


def test_registering(visit, server):
    body = json.dumps({"allow": True}).encode()
    headers = {"Content-Type": "application/json"}
    boss = ("boss", PASSWORD)
    server.request("/admin/register", method="POST", auth=boss, headers=headers, body=body)
    page = visit("/acct/login")
    page.get_by_role("link", name="Register").click()
    page.get_by_label("User name").fill("dora")
    page.get_by_label("Password", exact=True).fill(NEW)
    page.get_by_label("Password again").fill(NEW)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("status")).to_contain_text("administrator has to approve")
    assert server.request("/admin/pending_users", auth=boss).json == ["dora"]


def test_the_password_is_changed(visit, server):
    server.add_user("erik", PASSWORD)
    page = visit("/account", user="erik")
    page.get_by_label("The one you have").fill(PASSWORD)
    page.get_by_label("The new one", exact=True).fill(NEW)
    page.get_by_label("The new one again").fill(NEW)
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("status")).to_contain_text("changed")
    page.get_by_role("button", name="Log out").click()
    assert server.request("/account", auth=("erik", NEW)).status == 200
