"""JSR packages installed by npm, pnpm and yarn, run by node, and type-checked by TypeScript."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from tests.clients.site import PASSWORD, USER, Site, started
from tests.http.jsr.site import version_path
from tests.support.deno import Deno, write_workspace
from tests.support.jsr import a_package
from tests.support.node import CLIENTS, Project, deno_for_server
from tests.support.server import LiveServer

USES = """
import { top } from "@jsr/acme__top";
import { greet } from "@jsr/acme__base";
import { sub } from "@jsr/acme__base/sub";
"""
SAYS = "hello x, hello sub; hello y|hello z|hello sub"


@pytest.fixture(scope="module")
def registry(closed_site, tmp_path_factory) -> Site:
    """Nobody reads without a login. Three packages that need one another, from ``deno publish``."""
    deno_for_server()
    folder = tmp_path_factory.mktemp("published")
    deno = Deno(folder / "home", f"{closed_site.server.url}/")
    deno.ok(
        "publish", "--token", closed_site.token, "--allow-dirty", cwd=write_workspace(folder / "w", "acme")
    )
    return closed_site


@pytest.fixture
def project(registry, tmp_path) -> Project:
    return Project(tmp_path / "app", f"{registry.server.url}/npm/", registry.token)


def new(server: LiveServer, name: str, version: str = "1.0.0", files=None, **more) -> None:
    """Publish a package made for the purpose."""
    answer = server.request(
        f"{version_path(name, version)}?config=/deno.json",
        method="POST",
        auth=(USER, PASSWORD),
        headers={"Content-Encoding": "gzip"},
        body=a_package(name, version, files, **more),
    )
    assert answer.json["status"] == "success", answer.text


@pytest.mark.parametrize("client", CLIENTS)
def test_a_tree_of_packages(project, client):
    project.add(client, "@jsr/acme__top", "@jsr/acme__base")
    said = project.node(USES + "console.log([top, greet('z'), sub].join('|'));")
    assert said == SAYS
    kept = json.loads((project.folder / "node_modules/@jsr/acme__top/package.json").read_text())
    assert kept["dependencies"].keys() == {"@jsr/acme__base", "@jsr/acme__middle"}

    project.write("right.ts", USES + "const all: string[] = [top, greet('z'), sub]; export { all };\n")
    project.ok("tsc")
    project.write("right.ts", USES + "export const wrong: number = greet(1);\n")
    complaints = project.fails("tsc")
    assert "TS2322" in complaints
    assert "TS2345" in complaints


def test_the_lock_of_npm_holds(project):
    project.add("npm", "@jsr/acme__top")
    locked = json.loads((project.folder / "package-lock.json").read_text())["packages"]
    assert all(each["integrity"].startswith("sha512-") for name, each in locked.items() if name)
    assert project.registry in locked["node_modules/@jsr/acme__base"]["resolved"]
    project.ok("npm", "ci", "--cache", str(project.home / "other"))
    assert project.node("import { top } from '@jsr/acme__top'; console.log(typeof top)") == "string"


@pytest.mark.parametrize("client", ["pnpm", "yarn 4"])
def test_by_its_name_on_jsr(project, client):
    project.add(client, "jsr:@acme/base")
    assert project.node("import { greet } from '@acme/base'; console.log(greet('x'))") == "hello x"


def test_deno_by_the_name_of_npm(registry, tmp_path):
    deno = Deno(tmp_path / "home", "http://127.0.0.1:9/")
    app = tmp_path / "app"
    app.mkdir()
    (app / "deno.json").write_text("{}")
    url = f"{registry.server.url}/npm/"
    lines = [f"@jsr:registry={url}", f"{url.removeprefix('http:')}:_authToken={registry.token}"]
    (app / ".npmrc").write_text("\n".join(lines))
    (app / "main.ts").write_text("import { top } from '@jsr/acme__top'; console.log(top);")
    deno.ok("add", "npm:@jsr/acme__top", cwd=app)
    assert "hello x, hello sub; hello y" in deno.ok("run", "main.ts", cwd=app)


def test_who_it_is(project):
    assert project.ok("npm", "whoami", f"--registry={project.registry}").strip() == USER
    assert "PONG" in project.ok("npm", "ping", f"--registry={project.registry}")
    assert "1.2.3" in project.ok("npm", "view", "@jsr/acme__middle", "version")


def test_without_a_token(registry, tmp_path):
    anonymous = Project(tmp_path / "app", f"{registry.server.url}/npm/")
    assert "E401" in anonymous.fails("npm", "install", "@jsr/acme__top")
    wrong = Project(tmp_path / "wrong", f"{registry.server.url}/npm/", "pcl_nonsense")
    said = wrong.fails("npm", "install", "@jsr/acme__top")
    assert "your authentication token seems to be invalid" in said
    for client, words in {"pnpm": "401", "yarn 1": "Authentication required", "yarn 4": "YN0041"}.items():
        assert words in anonymous.fails(client, "add", "@jsr/acme__top")


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> Iterator[Site]:
    """A server that has no deno, where everyone reads."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "hidden").mkdir()
    (folder / "hidden" / "deno.py").write_text("raise ImportError('hidden')\n")
    path = os.pathsep.join(filter(None, [str(folder / "hidden"), os.environ.get("PYTHONPATH")]))
    for site in started(folder, {"PYTHONPATH": path}, pypi__default_read="everyone"):
        new(site.server, "@acme/script", files=SCRIPT, exports="./mod.js")
        new(site.server, "@acme/typed")
        yield site


SCRIPT = {
    "mod.js": 'export * from "./lib/a.js";\n',
    "lib/a.js": 'import { own as mine } from "jsr:@acme/script@^1";\n'
    "export const a = () => mine;\nexport const own = 7;\n",
    "mod.d.ts": "export * from './lib/a.js';\n",
    "lib/a.d.ts": "export declare const own: number;\nexport declare const a: () => number;\n",
}


def test_javascript_needs_no_deno(bare, tmp_path):
    project = Project(tmp_path / "app", f"{bare.server.url}/npm/")
    project.add("npm", "@jsr/acme__script")
    assert project.node("import { a } from '@jsr/acme__script'; console.log(a())") == "7"
    project.write("right.ts", "import { a } from '@jsr/acme__script'; export const n: number = a();\n")
    project.ok("tsc")


@pytest.mark.parametrize("client", ["npm", "pnpm"])
def test_typescript_tells_what_is_missing(bare, tmp_path, client):
    project = Project(tmp_path / "app", f"{bare.server.url}/npm/")
    said = project.fails(client, "install" if client == "npm" else "add", "@jsr/acme__typed")
    if client == "npm":
        assert "pip install 'pypicloud-like[jsr-npm]'" in said
    assert "404" in said
