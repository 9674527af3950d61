"""Real deno publishes packages by every way it has, and runs what was published."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from tests.clients.crates import new_token, new_user
from tests.clients.site import Site, started
from tests.support.deno import Deno, write_app, write_package, write_workspace


def deno_of(site: Site, folder, *, slash: str = "/", **environ: str) -> Deno:
    """deno with a cache of its own."""
    return Deno(folder, f"{site.server.url}{slash}", environ)


def publish(site: Site, deno: Deno, folder, *more: str) -> str:
    return deno.ok("publish", "--token", site.token, "--allow-dirty", *more, cwd=folder)


def api(site: Site, method: str, path: str, said=None, *, user: str | None = None):
    answer = site.server.request(
        f"/api/{path}",
        method=method,
        auth=(user or site.user, site.password),
        headers={"Content-Type": "application/json"},
        body=json.dumps(said).encode() if said is not None else b"",
    )
    assert answer.status < 300, answer.text
    return answer.json if answer.body else None


@pytest.fixture(scope="module")
def published(site, tmp_path_factory):
    """A workspace of three packages that need one another; what deno said, and its folder."""
    folder = tmp_path_factory.mktemp("workspace")
    source = write_workspace(folder / "ws", "ws")
    return publish(site, deno_of(site, folder / "home"), source), source


@pytest.fixture
def deno(site, published, tmp_path) -> Deno:
    """deno of somebody else, without a token."""
    return deno_of(site, tmp_path / "home")


def test_a_workspace_in_one_command(site, published):
    said, _ = published
    order = [said.index(f"Successfully published @ws/{name}") for name in ("base", "middle", "top")]
    assert order == sorted(order)
    told = api(site, "GET", "scopes/ws/packages/top/versions/0.1.0/dependencies")
    assert [(each["name"], each["constraint"]) for each in told] == [
        ("@ws/base", "^1.0.0"),
        ("@ws/middle", "^1.2.3"),
    ]
    assert [each["package"] for each in api(site, "GET", "scopes/ws/packages/base/dependents")["items"]] == [
        "middle",
        "top",
    ]


def test_what_is_there_is_skipped(site, published, tmp_path):
    _, source = published
    said = publish(site, deno_of(site, tmp_path / "home"), source)
    assert said.count("Skipping, already published") == 3


@pytest.mark.parametrize("slash", ["", "/"])
def test_running_what_was_published_a_moment_ago(site, published, tmp_path, slash):
    app = write_app(tmp_path / "app", 'import { top } from "jsr:@ws/top@^0.1";\nconsole.log(top);\n')
    said = deno_of(site, tmp_path / "home", slash=slash).ok("run", "main.ts", cwd=app)
    assert "hello x, hello sub; hello y" in said


def test_add_info_check_cache_and_install(deno, tmp_path):
    app = write_app(tmp_path / "app", 'import { greet } from "@ws/base";\nconsole.log(greet("you"));\n')
    deno.ok("add", "jsr:@ws/base", cwd=app)
    assert json.loads((app / "deno.json").read_text())["imports"] == {"@ws/base": "jsr:@ws/base@^1.0.0"}
    assert "hello you" in deno.ok("run", "main.ts", cwd=app)
    assert json.loads((app / "deno.lock").read_text())["jsr"].keys() == {"@ws/base@1.0.0"}
    for command in (["check", "main.ts"], ["cache", "main.ts"], ["install"], ["doc", "jsr:@ws/base"]):
        deno.ok(*command, cwd=app)
    said = deno.ok("info", "--json", "jsr:@ws/top@0.1.0", cwd=app)
    info = json.loads(said[said.index("{") :])
    assert any("/@ws/middle/1.2.3/mod.tsx" in module["specifier"] for module in info["modules"])
    deno.forget()
    assert "hello you" in deno.ok("run", "--frozen", "main.ts", cwd=app)


def test_newer_and_yanked_versions(site, deno, tmp_path):
    package = write_package(tmp_path / "p", "@ws/moving", "1.0.0")
    publish(site, deno, package)
    app = write_app(tmp_path / "app", 'import { one } from "@ws/moving";\nconsole.log(one);\n')
    deno.ok("add", "jsr:@ws/moving", cwd=app)
    write_package(package, "@ws/moving", "1.1.0")
    publish(site, deno, package)
    assert "1.1.0" in deno.ok("outdated", cwd=app)
    api(site, "PATCH", "scopes/ws/packages/moving/versions/1.1.0", {"yanked": True})
    deno.forget()
    assert "1.1.0" not in deno.ok("outdated", cwd=app)
    assert "1" in deno.ok("run", "--reload", "main.ts", cwd=app)
    exact = write_app(tmp_path / "exact", 'import { one } from "jsr:@ws/moving@1.1.0";\nconsole.log(one);\n')
    deno.ok("run", "main.ts", cwd=exact)


def test_a_lock_file_stays_valid_when_the_index_is_made_anew(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    for site in started(folder, pypi__default_read="everyone", pypi__default_write="authenticated"):
        source = write_workspace(tmp_path / "ws", "ws")
        deno = deno_of(site, tmp_path / "home")
        publish(site, deno, source)
        app = write_app(tmp_path / "app", 'import { top } from "jsr:@ws/top@^0.1";\nconsole.log(top);\n')
        deno.ok("run", "main.ts", cwd=app)
        lock = (app / "deno.lock").read_bytes()
        site.server.stop()
        for database in site.server.data.glob("index.sqlite*"):
            database.unlink()
        site.server.start()
        deno.forget()
        assert "hello x" in deno.ok("run", "--frozen", "main.ts", cwd=app)
        assert (app / "deno.lock").read_bytes() == lock


class TestRefused:
    def test_what_is_no_package_is_told_in_words(self, site, deno, tmp_path):
        package = write_package(tmp_path / "p", "@ws/broken", files={"mod.ts": "export * from './a.cjs';\n",
                                                                     "a.cjs": "exports.a = 1;\n"})  # fmt: skip
        said = deno.fails(
            "publish", "--token", site.token, "--allow-dirty", "--allow-slow-types", cwd=package
        )
        assert "Failed to publish @ws/broken@1.0.0" in said
        assert "a.cjs" in said

    def test_a_secret_that_would_be_published(self, site, deno, tmp_path):
        package = write_package(tmp_path / "p", "@ws/secrets")
        (package / ".env").write_text("PASSWORD=x\n")
        said = deno.fails("publish", "--token", site.token, "--allow-dirty", cwd=package)
        assert ".env" in said

    def test_who_is_no_member(self, site, deno, tmp_path):
        token = new_user(site, "stranger")
        package = write_package(tmp_path / "p", "@ws/base", "9.0.0")
        said = deno.fails("publish", "--token", token, "--allow-dirty", cwd=package)
        assert "(actorNotAuthorized)" in said

    def test_a_token_that_only_reads(self, site, deno, tmp_path):
        token = new_token(site, site.user, "read")
        package = write_package(tmp_path / "p", "@ws/base", "9.0.0")
        said = deno.fails("publish", "--token", token, "--allow-dirty", cwd=package)
        assert "(missingPermission)" in said


HIDDEN = 'import { one } from "jsr:@corp/hidden@1";\nconsole.log("got", one);\n'


@pytest.fixture(scope="module")
def hidden(closed_site, tmp_path_factory) -> Site:
    """A package that nobody reads without a login."""
    folder = tmp_path_factory.mktemp("hidden")
    publish(closed_site, deno_of(closed_site, folder / "home"), write_package(folder / "p", "@corp/hidden"))
    return closed_site


def test_a_private_package_without_a_token(hidden, tmp_path):
    app = write_app(tmp_path / "app", HIDDEN)
    assert "401 Unauthorized" in deno_of(hidden, tmp_path / "home").fails("run", "main.ts", cwd=app)


def test_a_private_package_with_credentials(hidden, tmp_path):
    app = write_app(tmp_path / "app", HIDDEN)
    for credentials in (hidden.token, f"{hidden.user}:{hidden.password}"):
        known = f"{credentials}@{hidden.server.authority}"
        deno = deno_of(hidden, tmp_path / "home", DENO_AUTH_TOKENS=known)
        deno.forget()
        assert "got 1" in deno.ok("run", "main.ts", cwd=app)


class Terminal:
    """deno on a terminal of its own: only there it asks for an approval in a browser."""

    def __init__(self, deno: Deno, folder, *arguments: str) -> None:
        self._primary, secondary = pty.openpty()
        self.process = subprocess.Popen(
            [str(deno.tools / "deno"), *arguments],
            stdin=secondary,
            stdout=secondary,
            stderr=secondary,
            cwd=folder,
            env=deno._environ() | {"NO_COLOR": "1", "TERM": "dumb", "BROWSER": "true"},
            start_new_session=True,
        )
        os.close(secondary)
        self.said = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, pattern: str, seconds: float = 30) -> re.Match[str]:
        """The first place where it says this."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = re.search(pattern, self.said)
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError(self.said)

    def end(self) -> int:
        """Its exit code."""
        code = self.process.wait(60)
        self._reader.join(5)
        os.close(self._primary)
        return code

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._primary, 4096)
            except OSError:
                return
            if not data:
                return
            self.said += data.decode(errors="replace")


class TestDevice:
    @pytest.fixture
    def started(self, site, deno, tmp_path) -> Iterator[Terminal]:
        package = write_package(tmp_path / "p", f"@ws/device-{os.getpid()}-{time.monotonic_ns()}")
        terminal = Terminal(deno, package, "publish", "--allow-dirty")
        yield terminal
        terminal.process.kill()

    def code(self, terminal: Terminal) -> str:
        return terminal.wait_for(r"code=([A-Z]{4}-[A-Z]{4})")[1]

    def test_approved(self, site, started):
        code = self.code(started)
        told = api(site, "GET", f"authorizations/details/{code}")
        (wanted,) = told["permissions"]
        assert wanted["permission"] == "package/publish"
        assert wanted["tarballHash"].startswith("sha256-")
        api(site, "POST", f"authorizations/approve/{code}")
        assert started.end() == 0, started.said
        assert "Successfully published" in started.said

    def test_denied(self, site, started):
        api(site, "POST", f"authorizations/deny/{self.code(started)}")
        assert started.end() != 0
        assert "authorizationDenied" in started.said


def test_the_jsr_command_publishes_too(site, deno, tmp_path):
    package = write_package(tmp_path / "p", "@ws/by-jsr")
    (package / "deno.json").rename(package / "jsr.json")
    deno.ok("publish", "--token", site.token, "--allow-dirty", cwd=package, program="jsr")
    assert api(site, "GET", "scopes/ws/packages/by-jsr")["latestVersion"] == "1.0.0"


def test_what_a_editor_asks(site, published):
    found = api(site, "GET", "packages?query=%40ws%2Fmid")["items"]
    assert [(each["scope"], each["name"], each["versionCount"]) for each in found] == [("ws", "middle", 1)]
