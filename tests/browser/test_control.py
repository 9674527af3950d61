"""What administrators do in the browser: people, rights, the index, what takes space, the audit, the catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from pypicloud_like.assembly import build
from pypicloud_like.registry import jobs
from pypicloud_like.registry.services import Services
from pypicloud_like.settings.load import load
from tests.browser.conftest import PASSWORD, accessible, fits

PAGES = (
    "",
    "/users",
    "/users/ann",
    "/groups",
    "/groups/devs",
    "/rights",
    "/rights?project=acme-orders",
    "/scopes",
    "/scopes/acme",
    "/publishers",
    "/index",
    "/storage",
    "/downloads",
    "/upstreams",
    "/confusion",
    "/curation",
    "/curation/1",
    "/audit",
    "/audit?of=packages",
    "/rights?project=npm:nothing",
)
NEW = "another battery staple"


def call(server, method: str, path: str, **said: object) -> None:
    """One call of the JSON APIs by ``boss``."""
    headers = {"Content-Type": "application/json"}
    body = json.dumps(said).encode() if said else None
    answer = server.request(path, method=method, auth=("boss", PASSWORD), headers=headers, body=body)
    assert answer.status < 300, answer


@pytest.fixture(scope="module")
def filled(server):
    """A server with a group, a grant, a comparison, and somebody who waits."""
    call(server, "PUT", "/admin/group/devs")
    call(server, "PUT", "/admin/user/ann/group/devs")
    call(server, "PUT", "/admin/package/acme-ui/group/devs/read")
    call(server, "POST", "/admin/catalogue/grids", title="Clients", description="Which one?")
    call(server, "PUT", "/admin/catalogue/grids/1/packages/1")
    call(server, "POST", "/admin/catalogue/grids/1/features", title="Async")
    call(server, "POST", "/admin/register", allow=True)
    headers = {"Content-Type": "application/json"}
    for name in ("carla", "dimitri"):
        body = json.dumps({"password": NEW}).encode()
        server.request(f"/api/user/{name}", method="PUT", headers=headers, body=body)
    return server


@pytest.fixture
def behind(server) -> Iterator[Services]:
    """The same data as another process sees it."""
    services = build(load({"server.data": str(server.data)}, {}, here=server.data))
    yield services
    services.close()


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_pages_are_accessible_and_fit(visit, filled, look):
    page = visit("/", user="boss", dark=look == "dark", phone=look == "phone")
    for path in (*(f"/admin{each}" for each in PAGES), "/account/scopes"):
        page.goto(filled.url + path)
        page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        accessible(page)
        fits(page)


def test_pages_are_light(visit, filled):
    for path in ("", "/storage", "/audit", "/rights?project=acme-orders"):
        sizes: list[int] = []
        page = visit("/account", user="boss")
        page.on("response", lambda answer, sizes=sizes: sizes.append(len(answer.body())))
        page.goto(f"{filled.url}/admin{path}", wait_until="networkidle")
        assert sum(sizes) < 100_000


def test_registration_is_switched_and_a_user_approved(visit, filled):
    page = visit("/", user="boss")
    page.get_by_role("link", name="Admin", exact=True).click()
    page.get_by_role("link", name="2 users wait for approval").click()
    page.get_by_role("button", name="Approve carla").click()
    expect(page.get_by_role("status")).to_contain_text("approved")
    page.get_by_role("button", name="Refuse dimitri").click()
    expect(page.get_by_text("Nobody waits")).to_be_visible()
    assert filled.request("/api/v4/", auth=("carla", NEW)).status == 200
    page.get_by_role("button", name="Switch registration off").click()
    expect(page.get_by_role("status")).to_contain_text("may not register")
    assert not filled.request("/acct/login").text.count("/acct/register")
    page.get_by_role("button", name="Switch registration on").click()
    expect(page.get_by_role("status")).to_contain_text("may register now")


def test_a_group_is_made_granted_to_and_the_reason_told(visit, filled):
    page = visit("/admin/groups", user="boss")
    page.get_by_label("Name").fill("readers")
    page.get_by_role("button", name="Add the group").click()
    page.get_by_label("User").fill("bob")
    page.get_by_role("button", name="Put into the group").click()
    expect(page.get_by_role("link", name="bob")).to_be_visible()
    page.get_by_role("link", name="Rights", exact=True).click()
    page.get_by_label("Who may read and write this project?").fill("acme-orders")
    page.get_by_role("button", name="Show").click()
    bob = page.get_by_role("row", name="bob")
    expect(bob).to_contain_text("acme-orders has no grants")
    page.get_by_label("to the").select_option("group")
    page.get_by_label("named").fill("readers")
    page.get_by_role("button", name="Grant").click()
    expect(page.get_by_role("status")).to_contain_text("granted")
    expect(bob).to_contain_text("read is granted to the group readers")
    expect(page.get_by_role("row", name="carla")).to_contain_text("there are explicit grants")
    accessible(page)
    assert filled.request("/simple/acme-orders/", auth=("carla", NEW)).status == 404
    page.get_by_role("button", name="Take read away from group readers").click()
    expect(page.get_by_role("status")).to_contain_text("taken away")
    assert filled.request("/simple/acme-orders/", auth=("carla", NEW)).status == 200


def test_a_user_is_added_and_removed(visit, filled):
    page = visit("/admin/users", user="boss")
    page.locator("#add-user").fill("erna")
    page.locator("#add-password").fill(NEW)
    page.get_by_role("button", name="Add the user").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("erna")
    page.get_by_text("Remove the user").click()
    page.get_by_role("button", name="Remove erna").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("erna")  # the field is mandatory
    page.get_by_label("Write erna to confirm").fill("erna")
    page.get_by_role("button", name="Remove erna").click()
    expect(page.get_by_role("status")).to_contain_text("removed")


def test_an_invitation_is_made_and_used(visit, filled):
    page = visit("/admin/users", user="boss")
    page.locator("#invite-user").fill("fritz")
    page.get_by_role("button", name="Make an invitation").click()
    address = page.locator(".note code").inner_text()
    page.get_by_role("button", name="Log out").click()
    page.goto(address)
    page.get_by_label("A password").fill(NEW)
    page.get_by_label("The same again").fill(NEW)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("link", name="fritz")).to_be_visible()


def test_a_rebuild_comes_to_its_end_by_itself(visit, filled):
    page = visit("/admin/index", user="boss")
    page.get_by_role("button", name="Rebuild the index").click()
    rebuild = page.get_by_role("region", name="Rebuild")
    expect(rebuild.get_by_text("done", exact=True)).to_be_visible()
    expect(rebuild).to_contain_text("records")
    page.get_by_role("button", name="Check the index").click()
    expect(page.get_by_role("region", name="Check").get_by_text("done", exact=True)).to_be_visible()
    accessible(page)


def test_the_progress_of_another_process_is_seen_live(visit, filled, behind):
    began = behind.clock() - timedelta(seconds=5)

    def tell(done: int, *, ended: bool = False) -> None:
        now = behind.clock().isoformat()
        said = {"actor": "ann", "began_at": began.isoformat(), "seen_at": now, "stage": "records"}
        said |= {"ended_at": now if ended else None, "done": done, "total": 400, "failure": ""}
        said |= {"numbers": {"records": done} if ended else {}, "problems": []}
        behind.state.put_notice(jobs.REBUILD, said)

    tell(100)
    page = visit("/admin/index", user="boss")
    bar = page.get_by_role("progressbar", name="Rebuild")
    expect(bar).to_have_attribute("value", "100")
    accessible(page)
    tell(300)
    expect(bar).to_have_js_property("value", 300)
    expect(page.get_by_role("status")).to_have_text("300 of about 400 records")
    tell(400, ended=True)
    expect(bar).to_be_hidden()
    expect(page.get_by_role("button", name="Rebuild the index")).to_be_visible()


def test_without_script_the_page_of_a_rebuild_loads_itself_again(chromium, filled, behind):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{filled.url}/acct/login")
    page.get_by_label("User name").fill("boss")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    now = behind.clock().isoformat()
    said = {"actor": None, "began_at": now, "seen_at": now, "ended_at": None, "stage": "records", "done": 7}
    behind.state.put_notice(jobs.REBUILD, said | {"total": 0, "numbers": {}, "problems": [], "failure": ""})
    page.goto(f"{filled.url}/admin/index")
    expect(page.get_by_text("7 records")).to_be_visible()
    said |= {"ended_at": now, "numbers": {"records": 9}, "total": 0, "problems": [], "failure": ""}
    behind.state.put_notice(jobs.REBUILD, said)
    expect(page.get_by_role("button", name="Rebuild the index")).to_be_visible(timeout=15_000)
    context.close()


def test_what_takes_space(visit, filled):
    page = visit("/admin", user="boss")
    page.get_by_role("navigation", name="Administration").get_by_role("link", name="Storage").click()
    expect(page.get_by_role("img", name="From 0 Bytes")).to_be_visible()
    page.get_by_label("Name").fill("wire")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="cargo:acme_wire").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("acme-wire")
    page.get_by_role("link", name="Rights").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rights on cargo:acme_wire")


def test_the_audit_is_filtered(visit, filled):
    page = visit("/admin/audit", user="boss")
    page.get_by_label("What", exact=True).select_option("groups")
    page.get_by_label("Who").fill("boss")
    page.get_by_role("button", name="Show").click()
    body = page.locator("tbody")
    expect(body).to_contain_text("group.add")
    expect(body).not_to_contain_text("owner.add")
    page.get_by_role("link", name="What happened to packages").click()
    page.get_by_label("Project").fill("acme-ui")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_comparison_is_curated(visit, filled):
    page = visit("/admin/curation", user="boss")
    page.get_by_text("Make a comparison").click()
    page.locator("#grid-title").fill("Two of ours")
    page.get_by_role("button", name="Make it").click()
    for name in ("acme-orders", "cargo:acme-wire"):
        page.get_by_role("textbox", name="Package").fill(name)
        page.get_by_role("button", name="Put in").click()
        expect(page.get_by_role("status")).to_contain_text("in the comparison")
    page.get_by_role("textbox", name="Feature").fill("Threads")
    page.get_by_role("button", name="Add").click()
    page.get_by_label("acme-wire", exact=True).fill("as many as you like")
    page.get_by_role("button", name="Write Threads").click()
    expect(page.get_by_role("status")).to_contain_text("cells")
    accessible(page)
    page.get_by_role("link", name="Its page").click()
    expect(page.get_by_role("row", name="Threads")).to_contain_text("as many as you like")


def test_a_scope_is_looked_after_by_its_own_administrators(visit, filled):
    page = visit("/account", user="ann")
    page.get_by_role("link", name="Your scopes").click()
    page.get_by_role("link", name="@acme").click()
    page.get_by_label("User").fill("bob")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("button", name="Take back")).to_be_visible()
    accessible(page)
    fits(page)
    bob = visit("/account", user="bob")
    bob.get_by_role("button", name="Accept").click()
    page.goto(f"{filled.url}/account/scopes/acme")
    page.get_by_role("button", name="Administrator (bob)").click()
    expect(page.get_by_role("status")).to_contain_text("administrator of the scope now")
    bob.goto(f"{filled.url}/account/scopes/acme")
    bob.get_by_role("button", name="Leave @acme").click()
    expect(bob.get_by_role("status")).to_contain_text("left")
