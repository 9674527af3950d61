"""With the index gone every package comes back, byte for byte: lock files stay valid."""

from __future__ import annotations

import pytest

from pypicloud_like.registry import curate
from pypicloud_like.registry.check import check
from pypicloud_like.registry.rebuild import rebuild
from tests.http.conftest import make_services
from tests.http.jsr.site import DEMO, JsrSite

VERSIONS = ("1.0.0", "1.1.0-rc.1", "1.1.0+build.5", "2.0.0")
OTHER = "@acme/other-one"


def shown(site: JsrSite) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, versions in ((DEMO, VERSIONS), (OTHER, ("1.0.0",))):
        paths = ["meta.json", *(f"{version}_meta.json" for version in versions)]
        paths += [f"{version}/{path}" for version in versions for path in ("mod.ts", "deno.json", "lib/a.ts")]
        for path in paths:
            answer = site.get(f"/{name}/{path}", user="boss")
            assert answer.status_int == 200
            del answer.headers["X-Request-Id"]
            found[name, path] = answer.body, sorted(answer.headers.items())
        for version in versions:
            record = site.record(version, name)
            found[name, version] = record.facts, record.blob, record.sidecars, record.serial
    return found


@pytest.mark.promise(71)
def test_byte_for_byte(site, services, tmp_path, clock):
    files = {
        "mod.ts": 'export * from "./lib/a.ts"; import "npm:ms@2"',
        "lib/a.ts": "export {}",
        "README.md": "x",
    }
    for version in VERSIONS:
        site.taken(version=version, files=files)
    site.taken(OTHER, files=files)
    curate.yank(services, [site.record("2.0.0")], reason="", actor="boss")
    before = shown(site)
    services.close()
    for path in (tmp_path / "data").glob("index.sqlite*"):
        path.unlink()
    again = make_services(tmp_path / "data", {}, clock)
    try:
        assert again.cache.serial() == 0
        assert rebuild(again).problems == []
        assert shown(JsrSite(again, clock)) == before
        assert rebuild(again).changed == 0
    finally:
        again.close()


def test_check_knows_all_bytes(site, services):
    site.taken(files={"mod.ts": "export {}", "lib/a.ts": ""})
    site.new(files={"mod.ts": "other"})
    result = check(services, verify=True)
    assert result.clean
    assert result.files == 1
