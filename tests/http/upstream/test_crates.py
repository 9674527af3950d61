"""The mirror of another cargo registry."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest

from pypicloud_like.core import keys
from pypicloud_like.core.model import Project, Right
from pypicloud_like.registry.rebuild import rebuild
from tests.builders import a_crate
from tests.http.cargo.site import announced, framed
from tests.support.upstream import Handler, answers, dead

KIND = "text/plain"
BAR = "/cargo/mirror/ba/r_/bar_baz"
ARCHIVES = {version: a_crate("bar_baz", version).content for version in ("1.0.0", "1.1.0", "2.0.0-rc.1+b.5")}


def line(version, *, name="bar_baz", published="2020-01-01T00:00:00Z", archive=None, **more):
    """A line as a registry of its own taste writes it: odd order and spaces, unknown keys."""
    content = ARCHIVES.get(version, b"") if archive is None else archive
    entry = {"zzz": [1, {"x": None}], "name": name, "vers": version, "deps": []}
    entry |= {"cksum": hashlib.sha256(content).hexdigest(), "features": {}, "yanked": False}
    return json.dumps(entry | ({"pubtime": published} if published else {}) | more) + "\n"


LINES = "".join(map(line, ARCHIVES)).encode()


@pytest.fixture
def crates(upstream):
    """A registry with one crate; ``tricks`` has what else is asked for."""

    def archive(handler: Handler) -> bool:
        version = handler.path.split("/")[-2].replace("%2B", "+")
        handler.send(200, ARCHIVES[version], "application/gzip")
        return True

    config = {"dl": f"{upstream.url}/crates", "api": upstream.url}
    upstream.tricks["/index/config.json"] = answers(200, json.dumps(config).encode(), "application/json")
    upstream.tricks["/index/ba/r_/bar_baz"] = answers(200, LINES, KIND)
    upstream.tricks["/crates/bar_baz/"] = archive
    return upstream


@pytest.fixture
def mirror(crates, open_site):
    """Opens servers in front of it."""

    def opened(**more):
        return open_site("none", cargo__upstreams="far", upstream__far__url=f"{crates.url}/index", **more)

    return opened


@pytest.fixture
def site(mirror):
    return mirror()


def held(site):
    return {stat.key for stat in site.services.storage.list(keys.HELD)}


def test_the_configuration_is_ours(site):
    told = site.get("/cargo/mirror/config.json").json
    assert told == {
        "dl": "http://localhost:80/cargo/mirror/crates",
        "api": "http://localhost:80/cargo/mirror",
    }


def test_lines_come_byte_for_byte_and_are_fetched_once(crates, site):
    first = site.get(BAR)
    assert (first.status_int, first.body) == (200, LINES)
    assert site.get(BAR, If_None_Match=first.headers["ETag"]).status_int == 304
    assert crates.asked("/index/ba") == {"/index/ba/r_/bar_baz": 1}
    for wrong in ("/cargo/mirror/ba/r-/bar-bax", "/cargo/mirror/BA/R_/BAR_BAZ", "/cargo/mirror/x/bar_baz"):
        assert site.get(wrong).status_int == 404


def test_a_crate_is_fetched_once_verified_and_kept(crates, site):
    for version, content in ARCHIVES.items():
        path = f"/cargo/mirror/crates/bar_baz/{version.replace('+', '%2B')}/download"
        for _ in range(2):
            answer = site.get(path)
            assert (answer.status_int, answer.body) == (200, content)
    assert sum(crates.asked("/crates/").values()) == len(ARCHIVES)
    assert site.services.upstreams.counts["held"] == len(ARCHIVES), "each was a hit once"
    assert site.get("/cargo/mirror/crates/bar_baz/9.0.0/download").status_int == 404


@pytest.mark.promise(79)
def test_a_wrong_archive_is_never_whole_and_never_kept(crates, site):
    crates.tricks["/crates/bar_baz/"] = answers(200, b"other bytes", "application/gzip")
    answer = site.get("/cargo/mirror/crates/bar_baz/1.0.0/download")
    assert answer.status_int == 502
    assert answer.json["errors"]
    assert held(site) == set()


@pytest.mark.parametrize(
    "trick",
    [
        dead,
        answers(500),
        answers(200, b"<html>no</html>", "text/html"),
        answers(200, line("1.0.0", name="x").encode()),
        answers(200, line("1.0.0").encode("utf-16")),
        answers(200, line("1.0.0").replace("[1,", '["\ud800",').encode("utf-8", "surrogatepass")),
    ],
)
def test_stale_lines_are_served_and_a_failure_is_no_missing_crate(crates, site, trick):
    good = crates.tricks["/index/ba/r_/bar_baz"]
    crates.tricks["/index/ba/r_/bar_baz"] = trick
    failed = site.get(BAR)
    assert failed.status_int == 502
    assert failed.json["errors"][0]["detail"]
    crates.tricks["/index/ba/r_/bar_baz"] = good
    assert site.get(BAR).body == LINES
    crates.tricks["/index/ba/r_/bar_baz"] = trick
    site.clock.now += timedelta(hours=1)
    stale = site.get(BAR)
    assert (stale.status_int, stale.body) == (200, LINES)
    assert "Stale" in stale.headers["Warning"]


def test_offline_lists_and_serves_what_is_held_also_after_a_lost_index(crates, site, mirror, tmp_path):
    site.get("/cargo/mirror/crates/bar_baz/1.1.0/download")
    site.services.close()
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    crates.tricks["/"] = dead
    crates.tricks = {"/": dead}
    offline = mirror(upstream__offline="true")
    assert rebuild(offline.services).held == 1
    assert offline.get(BAR).body == line("1.1.0").encode()
    assert offline.get("/cargo/mirror/crates/bar_baz/1.1.0/download").body == ARCHIVES["1.1.0"]
    assert offline.get("/cargo/mirror/crates/bar_baz/1.0.0/download").status_int == 404
    found = offline.get("/cargo/mirror/api/v1/crates?q=bar-b&per_page=10").json
    assert found["crates"] == [{"name": "bar_baz", "max_version": "1.1.0", "description": ""}]


def test_the_minimum_age_leaves_lines_out(crates, mirror):
    site = mirror(upstream__far__minimum_age="7d", upstream__far__minimum_age_except="bar-baz==2.0.0")
    young = line("1.1.0", published=site.clock.now.isoformat())
    undated = line("1.2.0", published=None)
    excepted = line("2.0.0", published=site.clock.now.isoformat())
    body = (line("1.0.0") + young + undated + excepted).encode()
    crates.tricks["/index/ba/r_/bar_baz"] = answers(200, body, KIND)
    assert site.get(BAR).body == (line("1.0.0") + excepted).encode()
    for version in ("1.1.0", "1.2.0"):
        assert site.get(f"/cargo/mirror/crates/bar_baz/{version}/download").status_int == 404
    site.clock.now += timedelta(days=8)
    assert site.get(BAR).body == (line("1.0.0") + young + excepted).encode()


def test_a_name_that_only_looks_like_the_one_asked_for(crates, site):
    """The Kelvin sign in lower case is a ``k``."""
    crates.tricks["/index/ke/lv/kelvin"] = answers(200, line("1.0.0", name="\u212aelvin").encode(), KIND)
    assert site.get("/cargo/mirror/ke/lv/kelvin").status_int == 502


def test_a_configuration_that_is_none_is_not_taken(crates, site):
    assert site.get("/cargo/mirror/crates/bar_baz/1.0.0/download").status_int == 200
    crates.tricks["/index/config.json"] = answers(200, b"<html>log in here</html>", "text/html")
    site.clock.now += timedelta(hours=1)
    assert site.get("/cargo/mirror/crates/bar_baz/1.1.0/download").body == ARCHIVES["1.1.0"]


def test_a_crate_in_other_spellings_is_fetched_once(crates, site):
    for name in ("bar_baz", "BAR_BAZ", "Bar_Baz", "bar_baz"):
        answer = site.get(f"/cargo/mirror/crates/{name}/1.0.0/download")
        assert (answer.status_int, answer.body) == (200, ARCHIVES["1.0.0"])
    assert sum(crates.asked("/crates/").values()) == 1


def test_a_search_finds_what_can_be_had(crates, mirror):
    site = mirror()
    found = "/cargo/mirror/api/v1/crates?q=bar"
    site.get("/cargo/mirror/crates/bar_baz/1.0.0/download")
    assert site.get(found).json["meta"]["total"] == 1
    assert site.get(f"{found}&per_page=1&page=2").json == {"crates": [], "meta": {"total": 1}}
    for wrong in ("per_page=0", "per_page=101", "page=x"):
        assert site.get(f"{found}&{wrong}").status_int == 400
    too_young = mirror(upstream__far__minimum_age="20000d")
    assert too_young.get(found).json == {"crates": [], "meta": {"total": 0}}
    site.services.access.grant(Project("cargo", "bar_baz"), "group", "everyone", Right.READ, actor=None)
    assert site.get(found).json == {"crates": [], "meta": {"total": 0}}, "it is ours now"


def test_lists_of_names(crates, mirror):
    site = mirror(upstream__far__deny="bar-*")
    assert site.get(BAR).status_int == 404
    assert site.get("/cargo/mirror/crates/bar_baz/1.0.0/download").status_int == 404
    assert not crates.requests


@pytest.mark.promise(76)
@pytest.mark.parametrize("how", ["published", "granted", "reserved"])
def test_our_own_crates_are_told_nobody(crates, mirror, how):
    site = mirror(**({"upstream__reserved": "cargo:Bar-*"} if how == "reserved" else {}))
    if how == "published":
        body = framed(json.dumps(announced("bar-baz", "0.1.0")).encode(), a_crate("bar-baz", "0.1.0").content)
        assert site.ask("PUT", "/api/v1/crates/new", user="boss", body=body).status_int == 200
    elif how == "granted":
        site.services.access.grant(Project("cargo", "bar_baz"), "user", "ann", Right.READ, actor=None)
    for user in (None, "ann", "boss"):
        assert site.get(BAR, user=user).status_int in {401, 404}
        assert site.get("/cargo/mirror/ba/r-/bar-baz", user=user).status_int in {401, 404}
        assert site.get("/cargo/mirror/crates/bar_baz/1.0.0/download", user=user).status_int in {401, 404}
    assert not crates.requests


def test_nothing_can_be_changed_through_it(site):
    for method, path in (
        ("PUT", "/cargo/mirror/api/v1/crates/new"),
        ("DELETE", "/cargo/mirror/api/v1/crates/bar_baz/1.0.0/yank"),
        ("PUT", "/cargo/mirror/api/v1/crates/bar_baz/owners"),
    ):
        answer = site.ask(method, path, user="boss", body=b"{}")
        assert answer.status_int == 403
        assert "mirror" in answer.json["errors"][0]["detail"]


def test_without_an_upstream_there_is_no_mirror(open_site):
    site = open_site("none")
    assert site.get("/cargo/mirror/config.json").status_int == 404
    assert site.get(BAR).status_int == 404


def test_who_has_to_log_in_is_told_by_the_configuration(mirror):
    site = mirror(pypi__default_read="authenticated", pypi__cache_update="authenticated")
    assert site.get("/cargo/mirror/config.json").status_int == 401
    assert site.get("/cargo/mirror/config.json", user="ann").json["auth-required"] is True
    assert site.get(BAR).status_int == 401
    assert site.get(BAR, user="ann").body == LINES
