"""When and how versions are converted for npm: once, in the background, with what goes wrong on the way."""

from __future__ import annotations

import threading

import pytest

from pypicloud_like.core.errors import NoSpace, Unavailable
from pypicloud_like.core.model import Action
from pypicloud_like.ecosystems.jsr.npm import deno, workshop
from pypicloud_like.ecosystems.jsr.npm.errors import Inconvertible
from pypicloud_like.registry import curate
from pypicloud_like.registry.attach import attach
from tests.http.jsr.site import JsrSite
from tests.http.jsr.test_npm import HERE, packument, refused, script, tarball, unpacked
from tests.support.node import deno_for_server


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "everyone"}


class Transpiler:
    """In the place of deno: fails, waits or makes something, and counts."""

    def __init__(self, monkeypatch, *, fails: bool = False, waits: bool = False) -> None:
        self.calls = 0
        self.order: list[str] = []
        self.fails = fails
        self.go_on = threading.Event()
        if not waits:
            self.go_on.set()
        monkeypatch.setattr(deno, "find", lambda: "deno")
        monkeypatch.setattr(deno.Deno, "transpile", lambda _self, prepared: self.transpile(prepared))

    def transpile(self, prepared):
        self.calls += 1
        self.order.append(prepared.name)
        assert self.go_on.wait(20)
        if self.fails:
            raise Inconvertible("it is not to be", detail="/a/secret/path\nan invented line\x1b[0m")
        return {path.replace(".ts", ".js"): b"export {};\n" for path in prepared.sources}


def test_without_a_transpiler_it_is_left_out(site, monkeypatch):
    monkeypatch.setattr(deno, "find", lambda: None)
    site.taken()
    with site.unchanged():
        for path in (HERE, f"{HERE}/-/acme__demo-1.0.0.tgz"):
            assert "pip install 'pypicloud-like[jsr-npm]'" in refused(site.get(path), 404)
    script(site, "1.1.0")
    assert list(packument(site)["versions"]) == ["1.1.0"]


def test_of_many_requests_one_converts(site, monkeypatch):
    transpiler = Transpiler(monkeypatch, waits=True)
    site.taken()
    answers = []
    paths = [HERE, f"{HERE}/-/acme__demo-1.0.0.tgz"]
    threads = [threading.Thread(target=lambda at=path: answers.append(site.get(at))) for path in paths]
    for thread in threads:
        thread.start()
    transpiler.go_on.set()
    for thread in threads:
        thread.join()
    assert [answer.status_int for answer in answers] == [200, 200]
    assert transpiler.calls == 1


def test_no_request_waits_for_long(site, monkeypatch):
    monkeypatch.setattr(workshop, "PATIENCE", 0.05)
    transpiler = Transpiler(monkeypatch, waits=True)
    site.taken()
    for path in (HERE, f"{HERE}/-/acme__demo-1.0.0.tgz"):
        answer = site.get(path)
        assert "being converted" in refused(answer, 503)
        assert answer.headers["Retry-After"] == "5"
    monkeypatch.setattr(workshop, "PATIENCE", 20)
    transpiler.go_on.set()
    assert packument(site)
    assert transpiler.calls == 1


def test_packages_take_turns(site, monkeypatch):
    monkeypatch.setattr(workshop, "PATIENCE", 0.05)
    transpiler = Transpiler(monkeypatch, waits=True)
    for version in ("1.0.0", "1.1.0", "1.2.0", "1.3.0"):
        site.taken(version=version)
    for name in ("@acme/other", "@acme/third"):
        site.taken(name)
    for path in (HERE, "/npm/@jsr/acme__other", "/npm/@jsr/acme__third"):
        refused(site.get(path), 503)
    monkeypatch.setattr(workshop, "PATIENCE", 20)
    transpiler.go_on.set()
    assert len(packument(site)["versions"]) == 4
    assert transpiler.order[:3] == ["@acme/demo", "@acme/other", "@acme/third"]


def test_requests_that_wait_leave_threads_for_others(site, services, monkeypatch):
    transpiler = Transpiler(monkeypatch, waits=True)
    site.taken()
    places = max(1, services.settings.server.threads // 2)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(site.get(f"{HERE}/-/acme__demo-1.0.0.tgz")))
        for _ in range(places + 1)
    ]
    for thread in threads:
        thread.start()
    for _ in range(200):
        if answers:
            break
        threads[0].join(0.05)
    assert [answer.status_int for answer in answers] == [503]
    transpiler.go_on.set()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_int for answer in answers) == [200] * places + [503]


def test_what_cannot_be_converted_is_remembered_for_some_minutes(site, monkeypatch, clock, caplog):
    transpiler = Transpiler(monkeypatch, fails=True)
    site.taken()
    script(site, "0.9.0")
    with_script = packument(site)
    assert list(with_script["versions"]) == ["0.9.0"]
    for _ in range(3):
        assert packument(site) == with_script
        said = refused(site.get(f"{HERE}/-/acme__demo-1.0.0.tgz"), 404)
        assert "it is not to be" in said
        assert "secret" not in said
    assert transpiler.calls == 1
    (line,) = [line for line in caplog.text.splitlines() if "an invented line" in line]
    assert "@acme/demo@1.0.0" in line
    assert line.isprintable()
    clock.now += workshop.REMEMBERED
    transpiler.fails = False
    assert list(packument(site)["versions"]) == ["0.9.0", "1.0.0"]
    assert transpiler.calls == 2


def test_one_deleted_meanwhile_gets_nothing(site, services, monkeypatch):
    transpiler = Transpiler(monkeypatch, waits=True)
    site.taken()
    answers = []
    thread = threading.Thread(target=lambda: answers.append(site.get(HERE)))
    thread.start()
    while not transpiler.calls:
        thread.join(0.01)
    curate.delete(services, [site.record()], actor="boss")
    with site.unchanged():
        transpiler.go_on.set()
        thread.join()
    assert refused(answers[0], 404)


def test_a_bug_is_no_500_and_says_nothing(site, monkeypatch):
    monkeypatch.setattr(deno, "find", lambda: 1 // 0)
    site.taken()
    assert "could not do it" in refused(site.get(HERE), 404)


def test_with_the_real_one(site):
    deno_for_server()
    site.taken(files={"mod.ts": 'import ms from "npm:ms@2"; export const one: number = ms("1s");'})
    files = unpacked(tarball(site))
    assert files["package/mod.js"] == 'import ms from "ms";\nexport const one = ms("1s");\n'
    assert files["package/mod.d.ts"] == "export declare const one: number;\n"
    assert "package/mod.ts" not in files


@pytest.mark.parametrize(("error", "status"), [(Unavailable("storage"), 503), (NoSpace(), 507)])
def test_trouble_of_the_server_passes(site: JsrSite, monkeypatch, clock, error, status):
    def broken(*_arguments, **_named):
        raise error

    script(site)
    monkeypatch.setattr(workshop, "attach", broken)
    for path in (HERE, f"{HERE}/-/acme__demo-1.0.0.tgz"):
        refused(site.get(path), status)
    monkeypatch.undo()
    clock.now += workshop.TROUBLED
    assert list(packument(site)["versions"]) == ["1.0.0"]


def test_of_two_that_attach_the_first_wins(site, services):
    script(site)
    before = site.record()
    assert attach(services, before, "npm", b"first", facts=lambda file: {**file.facts, "x": 1})
    stored = site.stored()
    assert not attach(services, before, "npm", b"second", facts=lambda file: {**file.facts, "x": 2})
    assert site.stored() == stored
    now = site.record()
    assert now.facts["x"] == 1
    assert site.stored_bytes(now.sidecars["npm"].key) == b"first"
    assert now.blob == before.blob
    assert (now.stamp.action, now.stamp.actor) == (Action.ATTACH, None)
