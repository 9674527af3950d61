"""Real deno through a server that fetches from another registry: cold, warm, and with that one stopped."""

from __future__ import annotations

from tests.clients.site import started
from tests.clients.test_deno import deno_of, publish
from tests.support.deno import write_app, write_workspace
from tests.support.node import Project, deno_for_server

MAIN = 'import { top } from "jsr:@ws/top@^0.1";\nconsole.log(top);\n'


def test_modules_of_another_registry(tmp_path):
    public = {"pypi__default_read": "everyone", "pypi__default_write": "authenticated"}
    for name in ("far", "near"):
        (tmp_path / name).mkdir()
    for far in started(tmp_path / "far", **public):
        publish(far, deno_of(far, tmp_path / "home"), write_workspace(tmp_path / "ws", "ws"))
        options = public | {"jsr__upstreams": "far", "pypi__cache_update": "everyone"}
        options["upstream__far__url"] = f"{far.server.url}/"
        for near in started(tmp_path / "near", **options):
            app = write_app(tmp_path / "app", MAIN)
            deno = deno_of(near, tmp_path / "home")
            deno.forget()
            assert "hello x" in deno.ok("run", "main.ts", cwd=app)
            lock = (app / "deno.lock").read_bytes()
            deno.forget()
            assert "hello x" in deno.ok("run", "--frozen", "main.ts", cwd=app)
            far.server.stop()
            deno.forget()
            assert "hello x" in deno.ok("run", "--frozen", "main.ts", cwd=app)
            assert (app / "deno.lock").read_bytes() == lock
            direct = deno_of(far, tmp_path / "direct")
            direct.fails("run", "--frozen", "main.ts", cwd=app)


def test_npm_installs_what_another_registry_has(tmp_path):
    deno_for_server()
    public = {"pypi__default_read": "everyone", "pypi__default_write": "authenticated"}
    for name in ("far", "near"):
        (tmp_path / name).mkdir()
    for far in started(tmp_path / "far", **public):
        publish(far, deno_of(far, tmp_path / "home"), write_workspace(tmp_path / "ws", "ws"))
        options = public | {"jsr__upstreams": "far", "pypi__cache_update": "everyone"}
        options |= {
            "upstream__far__url": f"{far.server.url}/",
            "upstream__far__npm_url": f"{far.server.url}/npm",
        }
        for near in started(tmp_path / "near", **options):
            registry = f"{near.server.url}/npm/"
            for folder in ("cold", "warm"):
                project = Project(tmp_path / folder, registry, near.token)
                project.add("npm", "@jsr/ws__top")
                said = project.node('import { top } from "@jsr/ws__top"; console.log(top);')
                assert said == "hello x, hello sub; hello y"
                lock = (project.folder / "package-lock.json").read_text()
                assert registry in lock
                assert far.server.url not in lock
                far.server.stop()
