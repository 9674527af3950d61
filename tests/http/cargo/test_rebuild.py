"""With the index gone every line, yank and owner comes back, byte for byte."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import Project
from pypicloud_like.ecosystems.cargo.metadata import version_id
from pypicloud_like.registry.rebuild import rebuild
from tests.http.cargo.site import CargoSite, dependency
from tests.http.conftest import make_services

NAMES = ("demo", "Foo_Bar")


def shown(site):
    found = {}
    for name in NAMES:
        answer = site.index(name)
        assert answer.status_int == 200
        found[name] = answer.headers["ETag"], answer.body
        found[name, "owners"] = site.ask("GET", f"/api/v1/crates/{name}/owners", user="boss").body
        for file in site.services.cache.described(Project("cargo", name.lower())):
            path = f"/api/v1/crates/{name}/{file.version}/download"
            found[name, file.version] = version_id(file), site.ask("GET", path, user="boss").body
            assert file.sidecars.keys() == {"readme"}
    return found


@pytest.mark.promise(71)
def test_byte_for_byte(site, services, tmp_path, clock):
    for version in ("0.1.0", "0.2.0+b", "1.0.0-rc.1", "1.0.0"):
        site.taken(version=version, said={"readme": "# Demo"})
    rest = '[features]\nnew = ["dep:serde"]\n[dependencies.serde]\nversion = "1"\noptional = true\n'
    rest += 'registry-index = "sparse+http://localhost:80/cargo/index/"\n'
    said = {"features": {"new": ["dep:serde"]}, "deps": [dependency("serde", optional=True)], "readme": "x"}
    site.taken("Foo_Bar", rest=rest, said=said)
    site.ask("DELETE", "/api/v1/crates/demo/0.2.0+b/yank", user="boss")
    site.ask("DELETE", "/api/v1/crates/demo/0.1.0/yank", user="boss")
    site.ask("PUT", "/api/v1/crates/demo/0.1.0/unyank", user="boss")
    before = shown(site)
    services.close()
    for path in (tmp_path / "data").glob("index.sqlite*"):
        path.unlink()
    again = make_services(tmp_path / "data", {}, clock)
    try:
        assert again.cache.serial() == 0
        report = rebuild(again)
        assert report.problems == []
        assert shown(CargoSite(again, clock)) == before
        assert rebuild(again).changed == 0
    finally:
        again.close()
