"""Names that are ours are never answered from an upstream, and never told to one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pypicloud_like.core.model import PYPI, Project, Right
from tests.builders import a_wheel
from tests.support.upstream import JSON

MODES = ("none", "redirect", "cache", "mirror")
SPELLINGS = ("acme-lib", "Acme_Lib", "ACME.LIB", "acme--lib")
MINE = a_wheel("acme-lib", "1.0")
THEIRS = a_wheel("acme-lib", "99.0")


@pytest.fixture
def evil(upstream):
    """Has a higher version of our name."""
    upstream.add("acme-lib", THEIRS)
    return upstream


def shown(site, spelling, user=None):
    """What following redirects shows, all of it, and where they lead."""
    text = ""
    for path in (f"/simple/{spelling}/", f"/pypi/{spelling}/json", f"/{spelling}/", f"/+simple/{spelling}/"):
        for accept in (JSON, "text/html"):
            answer = site.get(path, user=user, Accept=accept)
            hops = 0
            while (
                answer.status_int in {301, 302, 307}
                and answer.headers["Location"].startswith("/")
                and hops < 3
            ):
                answer = site.get(answer.headers["Location"], user=user, Accept=accept)
                hops += 1
            text += answer.headers.get("Location", "") + answer.text
    return text


@pytest.mark.promise(76, 78)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("user", [None, "ann", "boss"])
def test_a_name_of_ours(evil, open_site, mode, spelling, user):
    site = open_site(mode)
    assert site.upload(*MINE).status_int == 200
    text = shown(site, spelling, user)
    assert "99.0" not in text
    assert evil.url not in text
    assert MINE.filename in text
    assert site.get(f"/api/package/{spelling}/{THEIRS.filename}", user=user).status_int in {301, 404}
    assert not evil.requests


@pytest.mark.promise(76)
@pytest.mark.parametrize("mode", MODES)
def test_a_deleted_one_stays_ours(evil, open_site, mode):
    site = open_site(mode, pypi__allow_delete="true")
    site.upload(*MINE)
    assert site.ask("DELETE", f"/api/package/acme-lib/{MINE.filename}", user="boss").status_int == 200
    text = shown(site, "acme-lib")
    assert "99.0" not in text
    assert evil.url not in text
    assert not evil.requests


@pytest.mark.parametrize("mode", MODES)
def test_a_granted_name_is_ours_before_anything_is_published(evil, open_site, mode):
    site = open_site(mode)
    site.services.access.grant(Project(PYPI, "acme-lib"), "user", "ann", Right.WRITE, actor=None)
    for user in (None, "ann", "boss"):
        text = shown(site, "acme-lib", user)
        assert "99.0" not in text
        assert evil.url not in text
    assert not evil.requests


@pytest.mark.promise(77)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "setting",
    [
        {"upstream__reserved": "Acme_*"},
        {"pypi__disallow_fallback": "ACME.lib"},
        {"pypi__disallow_fallback": "acme*"},
        {"upstream__reserved": "*-LIB"},
    ],
)
def test_reserved_and_disallowed_names_bind_everyone(evil, open_site, mode, setting):
    site = open_site(mode, **setting)
    for spelling in SPELLINGS:
        for user in (None, "ann", "boss"):
            text = shown(site, spelling, user)
            assert "99.0" not in text
            assert evil.url not in text
    answer = site.send("POST", "/api/fetch", user="boss", requirements="acme_lib==99.0")
    assert "99.0-py3" not in answer.text
    assert not evil.requests


@pytest.mark.parametrize("mode", MODES)
def test_who_may_not_read_is_sent_nowhere(evil, open_site, mode):
    site = open_site(mode, pypi__default_read="authenticated")
    site.upload(*MINE)
    site.services.access.grant(Project(PYPI, "acme-lib"), "user", "boss", Right.READ, actor=None)
    asked = len(evil.requests)
    for name in ("acme-lib", "unheard-of"):
        for path in (f"/simple/{name}/", f"/pypi/{name}/json", f"/api/package/{name}/x-1.0.tar.gz"):
            assert site.get(path).status_int == 401
    private, unknown = site.get("/simple/acme-lib/", user="ann"), site.get("/simple/acme-other/", user="ann")
    assert private.status_int == 404
    assert evil.url not in str(private.headers)
    assert evil.asked("/simple/acme-lib/") == {}
    assert len(evil.requests) - asked <= 1
    assert unknown.status_int in {404, 302}


def test_an_uploader_s_look_before_it_uploads_tells_nobody(evil, site):
    assert site.get("/+simple/brand-new/").status_int == 404
    assert site.get("/brand-new/").status_int == 404
    assert not evil.requests


@pytest.mark.promise(76)
@pytest.mark.parametrize(
    ("mode", "extra", "merged"),
    [
        ("mirror", {}, True),
        ("cache", {}, False),
        ("cache", {"pypi__always_show_upstream": "true"}, True),
        ("redirect", {"pypi__always_show_upstream": "true"}, True),
        ("redirect", {}, False),
        ("none", {}, False),
    ],
)
def test_a_mixed_project_shows_both_where_the_mode_says_so(evil, open_site, mode, extra, merged):
    site = open_site(mode, **extra)
    site.upload(*MINE)
    same = a_wheel("acme-lib", "1.0", files={"other.py": b"evil"})
    evil.add("acme-lib", same)
    assert site.send("PUT", "/api/project/acme-lib/mixed", user="ann", mixed="true").status_int == 403
    assert site.filenames("acme-lib") == {MINE.filename}
    marked = site.send("PUT", "/api/project/acme-lib/mixed", user="boss", mixed="true")
    assert marked.json == {"mixed": True}
    assert site.filenames("acme-lib") == {MINE.filename} | ({THEIRS.filename} if merged else set())
    assert site.get(f"/api/package/acme-lib/{MINE.filename}").body == MINE.content
    theirs = site.get(f"/api/package/acme-lib/{THEIRS.filename}")
    assert theirs.status_int == (200 if merged and mode != "redirect" else 404)
    links = {file["url"] for file in site.page("acme-lib")["files"]}
    assert (f"{evil.url}/files/{THEIRS.filename}" in links) == (merged and mode == "redirect")
    site.send("PUT", "/api/project/acme-lib/mixed", user="boss", mixed="false")
    assert site.filenames("acme-lib") == {MINE.filename}


@pytest.mark.promise(90)
def test_a_name_that_is_served_from_an_upstream_is_not_taken_unasked(evil, site):
    assert site.filenames("acme-lib") == {THEIRS.filename}
    refused = site.upload(*MINE, user="ann")
    assert refused.status_int == 403
    assert "upstream" in refused.text
    assert site.filenames("acme-lib") == {THEIRS.filename}
    assert site.upload(*MINE, user="boss").status_int == 200
    assert site.filenames("acme-lib") == {MINE.filename}
    actions = [event.action for event in site.services.state.audit_events()]
    assert "upstream.claim" in actions


def test_what_is_held_never_makes_a_name_ours(evil, site):
    site.get(f"/api/package/acme-lib/{THEIRS.filename}")
    assert not site.services.cache.exists(Project(PYPI, "acme-lib"))
    newer = a_wheel("acme-lib", "100.0")
    evil.add("acme-lib", newer)
    site.clock.now += timedelta(hours=1)
    assert newer.filename in site.filenames("acme-lib")


@pytest.mark.promise(83)
def test_held_files_of_a_name_that_became_ours_are_gone_from_view(evil, site):
    site.get(f"/api/package/acme-lib/{THEIRS.filename}")
    site.upload(*MINE, user="boss")
    assert site.get(f"/api/package/acme-lib/{THEIRS.filename}").status_int == 404
    (told,) = site.get("/api/package/acme-lib/").json["packages"]
    assert told["filename"] == MINE.filename
    report = site.ask("GET", "/admin/upstream/confusion", user="boss").json
    assert report["confusable"] == [{"project": "acme-lib", "asked": False}]


def test_redirects_lead_to_the_normal_name(evil, open_site):
    site = open_site("redirect")
    evil_page = site.get("/simple/acme-lib/")
    assert evil_page.status_int == 302
    assert evil_page.headers["Location"] == f"{evil.url}/simple/acme-lib/"
    assert site.get("/pypi/acme-lib/json").headers["Location"] == f"{evil.url}/pypi/acme-lib/json"
    assert site.get("/simple/acme-lib/?token=secret").headers["Location"] == f"{evil.url}/simple/acme-lib/"
    assert site.get(f"/api/package/acme-lib/{THEIRS.filename}").status_int == 404
    assert not evil.requests


def test_a_simple_index_alone_has_no_json_to_lead_to(evil, open_site):
    site = open_site("redirect", pypi__fallback_url=f"{evil.url}/only")
    assert site.get("/simple/acme-lib/").headers["Location"] == f"{evil.url}/only/acme-lib/"
    for path in ("/pypi/acme-lib/json", "/pypi/acme-lib/1.0/json", "/pypi/acme-lib/latest/json"):
        answer = site.get(path)
        assert answer.status_int == 404
        assert "Location" not in answer.headers


def test_who_may_not_fetch_gets_what_is_held(evil, open_site):
    site = open_site(pypi__cache_update="admin")
    assert site.get("/simple/acme-lib/").status_int == 404
    assert site.get("/simple/acme-lib/", user="ann").status_int == 404
    assert not evil.requests
    assert site.get(f"/api/package/acme-lib/{THEIRS.filename}", user="boss").status_int == 200
    assert site.filenames("acme-lib", user="ann") == {THEIRS.filename}
    assert site.get(f"/api/package/acme-lib/{THEIRS.filename}", user="ann").body == THEIRS.content
    assert site.send("POST", "/api/fetch", user="ann", requirements="x").status_int == 403


def test_why_somebody_sees_something(evil, open_site):
    site = open_site(pypi__default_read="authenticated")
    site.upload(*MINE)
    site.services.access.grant(Project(PYPI, "acme-lib"), "user", "ann", Right.READ, actor=None)
    path = f"/admin/explain/acme-lib/{MINE.filename}"
    told = site.get(f"{path}?user=ann", user="boss").json
    assert told["rights"]["read"] == {"allowed": True, "rule": "read is granted to ann"}
    assert told["rights"]["write"]["allowed"] is False
    assert (told["answered"], told["file"]["here"]) == ("ours", "ours")
    nobody = site.get(path, user="boss").json
    assert nobody["rights"]["read"]["allowed"] is False
    assert nobody["answered"] == "not found"
    assert site.get("/admin/explain/acme-lib?user=zoe", user="boss").status_int == 404
    assert site.get(path, user="ann").status_int == 403


def test_requirements_are_fetched(evil, upstream, site):
    upstream.add("dep", a_wheel("dep", "1.0"), a_wheel("dep", "2.0"), a_wheel("dep", "3.0rc1"))
    wanted = "# a comment\nacme-lib==99.0 \\\n  --hash=sha256:abc\ndep>=1\nnot-there\n-i https://x\n"
    answer = site.send("POST", "/api/fetch", user="ann", requirements=wanted).json
    names = {file["filename"] for file in answer["pkgs"]}
    assert names == {THEIRS.filename, "dep-2.0-py3-none-any.whl"}
    assert [problem["requirement"] for problem in answer["problems"]] == ["not-there"]
    pre = site.send("POST", "/api/fetch", user="ann", requirements="dep", prerelease="true").json
    assert [file["version"] for file in pre["pkgs"]] == ["3.0rc1"]
