"""Several real clients at once, with empty caches, before several processes: the registry behind these is asked
for each thing once.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clients.crates import cargo_of, write_app
from tests.clients.demo import Demo
from tests.clients.site import twine_upload
from tests.clients.test_cargo_mirror import mirrored
from tests.clients.test_deno import deno_of, publish
from tests.clients.test_upstream import OPEN, installed, pip_install
from tests.support.cargo import write_crate
from tests.support.clients import client, empty_environment
from tests.support.deno import Deno, write_workspace
from tests.support.deno import write_app as write_deno_app
from tests.support.node import Project, deno_for_server
from tests.support.server import LiveServer

CROWD = 4
RUNS = 'import { top } from "jsr:@crowd/top@^0.1";\nconsole.log(top);\n'


@pytest.fixture(params=["waitress", "granian"])
def near(request, tmp_path, recorded):
    """Three processes that fetch what they lack through the proxy that remembers."""
    options = OPEN | {
        "pypi.fallback": "cache",
        "pypi.upstreams": "python",
        "upstream.python.url": f"{recorded.url}/simple/",
        "cargo.upstreams": "rust",
        "upstream.rust.url": f"{recorded.url}/cargo/index",
        "jsr.upstreams": "modules",
        "upstream.modules.url": f"{recorded.url}/",
        "upstream.modules.npm_url": f"{recorded.url}/npm",
    }
    with LiveServer(tmp_path / "near", options=options, server=request.param, workers=3) as server:
        yield server


def at_once(work):
    """What each of the crowd comes to."""
    with ThreadPoolExecutor(CROWD) as pool:
        return list(pool.map(work, range(CROWD)))


def assert_each_once(recorded, *parts):
    """For each of these parts paths that have it were given out, and none twice. What is not there may be asked
    for again.
    """
    for part in parts:
        found = Counter(one.path for one in recorded.exchanges if part in one.path and one.status < 400)
        assert set(found.values()) == {1}, (part, found, recorded.exchanges)


@pytest.fixture(scope="module")
def wheels(site, builder, tmp_path_factory):
    """Two projects, one of which needs the other."""
    folder = tmp_path_factory.mktemp("wheels")
    for demo in (Demo("crowd-base", "1.2"), Demo("crowd-top", dependencies=["crowd-base>=1"])):
        files = demo.build(builder, folder / demo.name, kinds=("wheel",))
        builder.ok(*twine_upload(site, *files))


@pytest.mark.usefixtures("wheels")
def test_pip(near, recorded, tmp_path):
    def install(number):
        python = empty_environment(tmp_path / f"environment-{number}")
        pip = client("pip", tmp_path / f"home-{number}")
        pip.ok(*pip_install(python, near, "crowd-top"))
        return installed(pip, python)

    assert at_once(install) == [{"crowd-base==1.2", "crowd-top==1.0"}] * CROWD
    assert_each_once(recorded, "/simple/crowd-top/", "/simple/crowd-base/", ".whl.metadata", ".whl")


@pytest.fixture(scope="module")
def crates(site, tmp_path_factory):
    """Two crates, one of which needs the other."""
    folder = tmp_path_factory.mktemp("crates")
    cargo = cargo_of(site, folder / "home")
    cargo.ok("publish", "--registry", "acme", cwd=write_crate(folder, "crowd-base", "1.2.3"))
    needs = '[dependencies]\ncrowd-base = { version = "1", registry = "acme" }\n'
    cargo.ok("publish", "--registry", "acme", cwd=write_crate(folder, "crowd-top", rest=needs))


@pytest.mark.usefixtures("crates")
def test_cargo(near, recorded, tmp_path):
    def fetch(number):
        app = write_app(tmp_path / f"app-{number}", 'crowd-top = "0.1"\n')
        mirrored(tmp_path / f"home-{number}", near).ok("fetch", cwd=app)
        return (app / "Cargo.lock").read_text()

    (locked,) = set(at_once(fetch))
    assert "crowd-base" in locked
    assert_each_once(recorded, "/index/cr/ow/crowd-top", "/index/cr/ow/crowd-base", "/download")


@pytest.fixture(scope="module")
def workspace(site, tmp_path_factory):
    """Three packages that need one another."""
    folder = tmp_path_factory.mktemp("workspace")
    publish(site, deno_of(site, folder / "home"), write_workspace(folder / "ws", "crowd"))


@pytest.mark.usefixtures("workspace")
def test_deno(near, recorded, tmp_path):
    def run(number):
        app = write_deno_app(tmp_path / f"app-{number}", RUNS)
        return Deno(tmp_path / f"home-{number}", f"{near.url}/").ok("run", "main.ts", cwd=app)

    assert all("hello x" in said for said in at_once(run))
    assert_each_once(recorded, "/@crowd/top/", "/@crowd/base/meta.json", "/mod.ts", "/mod.tsx")


@pytest.mark.usefixtures("workspace")
def test_npm(near, recorded, tmp_path):
    def install(number):
        project = Project(tmp_path / f"app-{number}", f"{near.url}/npm/")
        project.add("npm", "@jsr/crowd__top")
        return project.node('import { top } from "@jsr/crowd__top"; console.log(top);')

    deno_for_server()
    assert at_once(install) == ["hello x, hello sub; hello y"] * CROWD
    assert_each_once(recorded, "/npm/@jsr", ".tgz")
