"""pip: installs, downloads, caching, yanked releases, hashes, logins."""

import hashlib
from datetime import datetime, timedelta

import pytest

from tests.clients.demo import Demo
from tests.support.clients import empty_environment


def install(pip, python, index, *arguments):
    """The command that installs into another environment."""
    return ["python", "-m", "pip", "--python", str(python), "install", "--index-url", index, *arguments]


@pytest.fixture
def python(tmp_path):
    return empty_environment(tmp_path / "environment")


def what_is_installed(pip, python):
    listed = pip.ok("python", "-m", "pip", "--python", str(python), "list", "--format=freeze")
    return set(listed.split())


def test_install_with_a_dependency(site, upload, pip, python):
    upload(site, Demo("pip-base", "1.2"), folder="base")
    upload(site, Demo("pip-top", dependencies=["pip-base>=1"]), folder="top")
    pip.ok(*install(pip, python, site.index, "pip-top"))
    assert what_is_installed(pip, python) == {"pip-base==1.2", "pip-top==1.0"}


def test_install_of_an_sdist(site, upload, pip, builder, python):
    upload(site, Demo("pip-sdist", backend="setuptools"), kinds=["sdist"])
    # without build isolation: the build backend is the environment's own, no other index is asked
    target = python.parent.parent / "lib"
    builder.ok(
        *["python", "-m", "pip", "install", "--no-build-isolation", "--no-deps"],
        *["--index-url", site.index, "--target", str(target), "pip-sdist"],
    )
    assert (target / "pip_sdist" / "__init__.py").is_file()


def test_another_spelling_of_the_name(site, upload, pip, python):
    upload(site, Demo("pip-some-name"))
    pip.ok(*install(pip, python, site.index, "PIP_Some.Name"))
    assert what_is_installed(pip, python) == {"pip-some-name==1.0"}


def test_a_new_release_is_found_at_once(site, upload, pip, python):
    upload(site, Demo("pip-soon", "1.9"), folder="old")
    pip.ok(*install(pip, python, site.index, "--trusted-host", site.server.authority, "pip-soon"))
    upload(site, Demo("pip-soon", "1.10"), folder="new")
    pip.ok(*install(pip, python, site.index, "--trusted-host", site.server.authority, "-U", "pip-soon"))
    assert what_is_installed(pip, python) == {"pip-soon==1.10"}


def test_the_second_download_is_answered_from_the_cache(site, upload, pip, recorded):
    demo = Demo("pip-cached")
    upload(site, demo)
    # pip caches plain http only for hosts that it is told to trust
    command = ["python", "-m", "pip", "download", "--index-url", f"{recorded.url}/simple/"]
    command += ["--trusted-host", recorded.authority, "--no-deps", demo.name]
    pip.ok(*command, "--dest", "first")
    assert [one.status for one in recorded.seen("GET", f"/simple/{demo.name}/")] == [200]
    recorded.exchanges.clear()
    pip.ok(*command, "--dest", "second")
    pages = recorded.seen("GET", f"/simple/{demo.name}/")
    assert [one.status for one in pages] == [304]
    assert pages[0].headers["if-none-match"]
    assert {one.status for one in recorded.seen("GET", demo.wheel)} <= {304}
    assert (pip.home / "second" / demo.wheel).is_file()


def test_resolving_needs_the_metadata_file_only(site, upload, pip, python, recorded):
    demo = Demo("pip-metadata")
    upload(site, demo)
    pip.ok(*install(pip, python, f"{recorded.url}/simple/", "--dry-run", demo.name))
    assert [one.status for one in recorded.seen("GET", f"{demo.wheel}.metadata")] == [200]
    assert recorded.seen("GET", demo.wheel) == []


def test_index_versions(site, upload, pip):
    for version in ("1.2", "1.10", "1.9", "2.0rc1"):
        upload(site, Demo("pip-versions", version), folder=version)
    listed = pip.ok(
        "python", "-m", "pip", "index", "versions", "--pre", "--index-url", site.index, "pip-versions"
    )
    assert "Available versions: 2.0rc1, 1.10, 1.9, 1.2" in listed


def test_a_yanked_release_is_left_out_unless_pinned(site, upload, pip, python):
    for version in ("1.0", "1.1"):
        upload(site, Demo("pip-yanked", version), folder=version)
    site.yank("pip-yanked", "1.1", "broken on Tuesdays")
    pip.ok(*install(pip, python, site.index, "pip-yanked"))
    assert what_is_installed(pip, python) == {"pip-yanked==1.0"}
    assert "broken on Tuesdays" in pip.ok(*install(pip, python, site.index, "pip-yanked==1.1"))
    assert what_is_installed(pip, python) == {"pip-yanked==1.1"}


def test_requires_python_leaves_releases_out(site, upload, pip, python):
    upload(site, Demo("pip-python", "1.0"), folder="old")
    upload(site, Demo("pip-python", "2.0", requires_python=">=99"), folder="new")
    pip.ok(*install(pip, python, site.index, "pip-python"))
    assert what_is_installed(pip, python) == {"pip-python==1.0"}


def test_require_hashes(site, upload, pip, python, tmp_path):
    (wheel,) = upload(site, Demo("pip-hashes"))
    requirements = tmp_path / "requirements.txt"
    command = install(pip, python, site.index, "--require-hashes", "-r", str(requirements))
    requirements.write_text(f"pip-hashes==1.0 --hash=sha256:{'0' * 64}\n")
    assert "HASHES" in pip.fails(*command)
    requirements.write_text(
        f"pip-hashes==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
    )
    pip.ok(*command)
    assert what_is_installed(pip, python) == {"pip-hashes==1.0"}


def test_uploaded_prior_to(site, upload, pip, python):
    for version in ("1.0", "1.1"):
        upload(site, Demo("pip-prior", version), folder=version)
    times = {file["filename"]: file["upload-time"] for file in site.page("pip-prior")["files"]}
    newest = datetime.fromisoformat(times[Demo("pip-prior", "1.1").wheel])
    between = (newest - timedelta(microseconds=1)).isoformat()
    pip.ok(*install(pip, python, site.index, f"--uploaded-prior-to={between}", "pip-prior"))
    assert what_is_installed(pip, python) == {"pip-prior==1.0"}


def test_login_from_netrc(closed_site, upload, pip, python):
    upload(closed_site, Demo("pip-netrc"))
    command = install(pip, python, closed_site.index, "pip-netrc")
    assert "No matching distribution found" in pip.fails(*command)
    netrc = pip.home / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login __token__ password {closed_site.token}\n")
    netrc.chmod(0o600)
    pip.ok(*command)
    assert what_is_installed(pip, python) == {"pip-netrc==1.0"}


def test_login_in_the_address(closed_site, upload, pip, python):
    upload(closed_site, Demo("pip-address"))
    output = pip.ok(*install(pip, python, closed_site.index_with_login, "pip-address"))
    assert what_is_installed(pip, python) == {"pip-address==1.0"}
    assert closed_site.password not in output


def test_an_unknown_project(site, pip, python):
    command = install(pip, python, site.index, "pip-unknown")
    assert "No matching distribution found" in pip.fails(*command)
