"""What is told of packages and versions, and where files are in a pack."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pypicloud_like.core.model import Action, Blob, File, Origin, Project, Stamp
from pypicloud_like.ecosystems.jsr import metadata, modules
from pypicloud_like.ecosystems.jsr.names import PackageName
from pypicloud_like.ecosystems.jsr.specifiers import Requirement

AT = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
DEMO = PackageName("acme", "demo")
FILES = {"/README.md": b"# demo", "/deno.json": b"{}", "/empty.ts": b"", "/mod.ts": b"export {}"}


def version(text: str, **more) -> File:
    return File(
        project=Project("jsr", "@acme/demo"),
        identity=text,
        filename=f"{text}.pack",
        version=text,
        kind=metadata.KIND,
        blob=Blob("k", 1, "0" * 64),
        uploaded_at=AT,
        stamp=Stamp(Action.UPLOAD, None, AT),
        display_name="@acme/demo",
        **more,
    )


def package(*files: File, real_times: bool = False):
    return json.loads(metadata.render_package(DEMO, files, real_times=real_times))


def test_a_package():
    told = package(version("1.0.0"), version("1.10.0", yanked=""), version("1.9.0"), version("2.0.0-rc.1"))
    assert told == {
        "scope": "acme",
        "name": "demo",
        "latest": "1.9.0",
        "versions": {"2.0.0-rc.1": {}, "1.10.0": {"yanked": True}, "1.9.0": {}, "1.0.0": {}},
    }
    assert list(told["versions"]) == ["2.0.0-rc.1", "1.10.0", "1.9.0", "1.0.0"]


def test_no_stable_version_is_offered():
    assert package(version("1.0.0-rc.1"), version("1.0.0", yanked="broken"))["latest"] is None


def test_times_of_our_own_versions_are_a_setting():
    assert package(version("1.0.0"), real_times=True)["versions"] == {
        "1.0.0": {"createdAt": "2026-01-02T03:04:05.000006Z"}
    }


def test_times_of_an_upstream_are_always_told():
    fetched = replace(version("1.0.0"), origin=Origin("public", "x", AT))
    assert package(fetched)["versions"]["1.0.0"] == {"createdAt": "2026-01-02T03:04:05.000006Z"}


def test_a_manifest():
    raw = metadata.render_manifest(FILES, {".": "./mod.ts"})
    told = json.loads(raw)
    assert told["exports"] == {".": "./mod.ts"}
    assert told["manifest"].keys() == FILES.keys()
    for path, body in FILES.items():
        digest = hashlib.sha256(body).hexdigest()
        assert told["manifest"][path] == {"size": len(body), "checksum": f"sha256-{digest}"}
    assert raw == metadata.render_manifest(dict(FILES), {".": "./mod.ts"})


def test_every_file_is_found_in_the_pack():
    pack = b"".join(FILES.values())
    blob = Blob("v1/files/x", len(pack), hashlib.sha256(pack).hexdigest())
    layout = modules.render_layout(blob, metadata.render_manifest(FILES, {".": "./mod.ts"}))
    for path, body in FILES.items():
        found = modules.find_part(layout, path)
        assert found is not None
        held, part = found
        assert held == blob
        assert pack[part.start : part.start + part.size] == body
        assert part.sha256 == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/mod",
        "/mod.tsx",
        "mod.ts",
        "/MOD.ts",
        "/../mod.ts",
        "/mod.ts\t0",
        "/mod.ts\n",
        "v1/files/x",
        "/mod.ts/",
    ],
)
def test_no_other_path_is_found(path):
    layout = modules.render_layout(Blob("v1/files/x", 1, "0"), metadata.render_manifest(FILES, {}))
    assert modules.find_part(layout, path) is None


def test_facts():
    told = metadata.facts(
        FILES,
        {".": "./mod.ts"},
        [Requirement("jsr", "@std/fs", "^1", "walk")],
        config_path="/deno.json",
        licence="MIT",
    )
    assert told == {
        "exports": {".": "./mod.ts"},
        "dependencies": [{"kind": "jsr", "name": "@std/fs", "constraint": "^1", "path": "walk"}],
        "license": "MIT",
        "readme": "/README.md",
        "config": "/deno.json",
        "files": 4,
        "bytes": 17,
    }


@pytest.mark.parametrize(
    ("path", "found"), [("/readme", "/readme"), ("/Readme.TXT", "/Readme.TXT"), ("/docs/README.md", None)]
)
def test_the_readme(path, found):
    assert metadata.readme_of(["/a.ts", path]) == found


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/a.ts", "text/typescript; charset=utf-8"),
        ("/a.d.mts", "text/typescript; charset=utf-8"),
        ("/a.tsx", "text/tsx; charset=utf-8"),
        ("/a.jsx", "text/jsx; charset=utf-8"),
        ("/A.JS", "text/javascript; charset=utf-8"),
        ("/a.mjs", "text/javascript; charset=utf-8"),
        ("/a.json", "application/json"),
        ("/a.wasm", "application/wasm"),
        ("/a.html", "application/octet-stream"),
        ("/a.xhtml", "application/octet-stream"),
        ("/a.svg", "application/octet-stream"),
        ("/a", "application/octet-stream"),
        ("/ts", "application/octet-stream"),
    ],
)
def test_content_types(path, kind):
    assert modules.content_type(path) == kind
