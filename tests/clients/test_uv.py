"""uv: installs, resolving with a time limit, publishing with its check page, logins."""

from datetime import datetime, timedelta

import pytest

from tests.clients.demo import Demo
from tests.support.clients import empty_environment


@pytest.fixture
def python(tmp_path):
    return empty_environment(tmp_path / "environment")


def install(python, index, *arguments):
    return ["uv", "pip", "install", "--python", str(python), "--default-index", index, *arguments]


def what_is_installed(uv, python):
    frozen = uv.ok("uv", "pip", "freeze", "--python", str(python))
    return {line for line in frozen.splitlines() if "==" in line}


def publish(site, *files, token=None):
    address = ["--publish-url", site.legacy, "--check-url", site.index, "--trusted-publishing", "never"]
    return ["uv", "publish", *address, "--token", token or site.token, *map(str, files)]


def test_install_with_a_dependency(site, upload, uv, python):
    upload(site, Demo("uv-base", "1.2"), folder="base")
    upload(site, Demo("uv-top", dependencies=["uv-base>=1"]), folder="top")
    uv.ok(*install(python, site.index, "uv-top"))
    assert what_is_installed(uv, python) == {"uv-base==1.2", "uv-top==1.0"}


def test_a_new_release_is_found_at_once(site, upload, uv, python):
    upload(site, Demo("uv-soon", "1.9"), folder="old")
    uv.ok(*install(python, site.index, "uv-soon"))
    upload(site, Demo("uv-soon", "1.10"), folder="new")
    uv.ok(*install(python, site.index, "-U", "uv-soon"))
    assert what_is_installed(uv, python) == {"uv-soon==1.10"}


def test_compile_excluding_newer_files(site, upload, uv):
    for version in ("1.0", "1.1"):
        upload(site, Demo("uv-newer", version), folder=version)
    times = {file["filename"]: file["upload-time"] for file in site.page("uv-newer")["files"]}
    newest = datetime.fromisoformat(times[Demo("uv-newer", "1.1").wheel])
    between = (newest - timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")
    (uv.home / "requirements.in").write_text("uv-newer\n")
    compiled = ["uv", "pip", "compile", "--default-index", site.index, "requirements.in"]
    assert "uv-newer==1.1" in uv.ok(*compiled)
    limited = uv.ok(*compiled, "--exclude-newer", between)
    assert "uv-newer==1.0" in limited
    assert "missing an upload date" not in limited


def test_compile_with_hashes(site, upload, uv):
    demo = Demo("uv-hashes")
    upload(site, demo, kinds=["wheel", "sdist"])
    (uv.home / "requirements.in").write_text("uv-hashes\n")
    locked = uv.ok(
        *["uv", "pip", "compile", "--generate-hashes", "--default-index", site.index, "requirements.in"]
    )
    for file in site.page(demo.name)["files"]:
        assert f"sha256:{file['hashes']['sha256']}" in locked


def test_a_yanked_release_is_left_out_unless_pinned(site, upload, uv, python):
    for version in ("1.0", "1.1"):
        upload(site, Demo("uv-yanked", version), folder=version)
    site.yank("uv-yanked", "1.1", "broken on Tuesdays")
    uv.ok(*install(python, site.index, "uv-yanked"))
    assert what_is_installed(uv, python) == {"uv-yanked==1.0"}
    assert "broken on Tuesdays" in uv.ok(*install(python, site.index, "uv-yanked==1.1"))
    assert what_is_installed(uv, python) == {"uv-yanked==1.1"}


def test_resolving_needs_the_metadata_file_only(site, upload, uv, python, recorded):
    demo = Demo("uv-metadata")
    upload(site, demo)
    uv.ok(*install(python, f"{recorded.url}/simple/", "--dry-run", demo.name))
    assert [one.status for one in recorded.seen("GET", f"{demo.wheel}.metadata")] == [200]
    assert recorded.seen("GET", demo.wheel) == []


def test_publish_and_publish_again(site, builder, uv, tmp_path):
    demo = Demo("uv-publish")
    files = demo.build(builder, tmp_path / "work")
    uv.ok(*publish(site, *files))
    before = site.page(demo.name)
    assert {file["filename"] for file in before["files"]} == {demo.wheel, demo.sdist}
    assert "already exists, skipping" in uv.ok(*publish(site, *files))
    assert site.page(demo.name) == before


def test_publish_without_a_check_page_is_repeatable(site, builder, uv, tmp_path):
    files = Demo("uv-repeat").build(builder, tmp_path / "work", kinds=["wheel"])
    command = [one for one in publish(site, *files) if one not in ("--check-url", site.index)]
    uv.ok(*command)
    uv.ok(*command)


def test_publish_of_other_bytes_fails(site, builder, uv, tmp_path):
    name = "uv-other"
    uv.ok(*publish(site, *Demo(name).build(builder, tmp_path / "first", kinds=["wheel"])))
    others = Demo(name, content="CHANGED = True\n").build(builder, tmp_path / "second", kinds=["wheel"])
    uv.fails(*publish(site, *others))
    command = [one for one in publish(site, *others) if one not in ("--check-url", site.index)]
    assert "File already exists" in uv.fails(*command)


def test_publish_with_a_wrong_token(site, builder, uv, tmp_path):
    files = Demo("uv-wrong").build(builder, tmp_path / "work", kinds=["wheel"])
    assert "401" in uv.fails(*publish(site, *files, token="wrong"))


def test_login_from_the_environment(closed_site, upload, uv, python):
    upload(closed_site, Demo("uv-login"))
    command = install(python, f"corp={closed_site.index}", "uv-login")
    uv.fails(*command)
    uv.ok(
        *command,
        environ={"UV_INDEX_CORP_USERNAME": "__token__", "UV_INDEX_CORP_PASSWORD": closed_site.token},
    )
    assert what_is_installed(uv, python) == {"uv-login==1.0"}


def test_project_with_a_lock(closed_site, upload, uv):
    upload(closed_site, Demo("uv-locked"), kinds=["wheel", "sdist"])
    (uv.home / "pyproject.toml").write_text(
        f"""
[project]
name = "consumer"
version = "0"
requires-python = ">=3.11"
dependencies = ["uv-locked"]

[[tool.uv.index]]
name = "corp"
url = "{closed_site.index}"
default = true
"""
    )
    environ = {
        "UV_INDEX_CORP_USERNAME": closed_site.user,
        "UV_INDEX_CORP_PASSWORD": closed_site.password,
        "UV_NO_CONFIG": "false",
    }
    uv.ok("uv", "sync", environ=environ)
    assert "uv-locked" in (uv.home / "uv.lock").read_text()
    uv.ok("uv", "sync", "--frozen", "--reinstall", environ=environ)
