"""sdist → wheel → a fresh environment outside the checkout → it serves a page and a style sheet."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.support import need
from tests.support.clients import clean_environ
from tests.support.server import LiveServer

ROOT = Path(__file__).resolve().parents[2]
DATA_FOLDERS = ("config", "static", "templates")
_NOT_SOURCE = shutil.ignore_patterns(
    ".git", ".venv", ".cache", "data", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis"
)


def checked(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """An empty virtual environment with pip: its interpreter."""
    folder = tmp_path_factory.mktemp("installed") / "environment"
    made = subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, check=False)
    if made.returncode:
        need.lacking("the standard library's venv with pip")
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def sdist(tmp_path_factory) -> Path:
    """Built from a copy, so that nothing is left behind in the checkout."""
    copy = tmp_path_factory.mktemp("source") / "checkout"
    shutil.copytree(ROOT, copy, ignore=_NOT_SOURCE)
    build = "from setuptools import build_meta; print(build_meta.build_sdist('dist'))"
    checked(sys.executable, "-W", "ignore", "-c", build, cwd=copy)
    (made,) = (copy / "dist").iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(sdist, environment, tmp_path_factory) -> Path:
    """Built by pip from the sdist alone, in isolation, as an installer does."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [environment, "-m", "pip", "--disable-pip-version-check"]
    reached = subprocess.run(
        [*pip, "download", "--quiet", "--no-deps", "--dest", folder / "reached", "setuptools"],
        capture_output=True,
        check=False,
    )
    if reached.returncode:
        need.lacking("a package index to install dependencies from")
    checked(*pip, "wheel", "--no-deps", "--wheel-dir", folder / "made", sdist, cwd=folder)
    (made,) = (folder / "made").iterdir()
    return made


@pytest.fixture(scope="module")
def installed(wheel, environment, tmp_path_factory):
    """The wheel's own command, serving."""
    folder = tmp_path_factory.mktemp("serving")
    checked(environment, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=folder)
    command = [str(environment.with_name("pypicloud-like"))]
    with LiveServer(folder / "data", command=command, environ=clean_environ(folder)) as live:
        yield live


def data_files() -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for name in DATA_FOLDERS
        for path in (ROOT / name).rglob("*")
        if path.is_file()
    }


def test_the_sdist_holds_sources_tests_and_data(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert data_files() <= names
    for name in ("LICENSE", "README.md", "CHANGELOG.md", "Makefile", ".ci/run", "tests/support/server.py"):
        assert name in names
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "pypicloud_like").rglob("*.py")}
    assert modules <= names
    assert not [name for name in names if "__pycache__" in name]


def test_the_wheel_holds_modules_and_data_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {f"pypicloud_like/{name}" for name in data_files()} <= names
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "pypicloud_like").rglob("*.py")}
    assert modules <= names
    assert "pypicloud_like/py.typed" in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"pypicloud_like"}
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]


def test_it_runs_from_the_environment_and_not_from_the_checkout(installed, environment):
    where = checked(
        environment, "-c", "import pypicloud_like; print(pypicloud_like.__file__)", cwd=installed.data
    )
    assert str(ROOT) not in where


def test_its_requirements_agree_with_one_another(installed, environment):
    checked(environment, "-m", "pip", "check", cwd=installed.data)


def test_it_serves_the_index(installed):
    answer = installed.request("/simple/", headers={"Accept": "text/html"})
    assert answer.status in {200, 401}
    assert installed.request("/health").status == 200


def test_it_serves_a_page_and_its_style_sheet(installed):
    page = installed.request("/acct/login", headers={"Accept": "text/html"})
    assert page.status == 200
    (address,) = re.findall(r'<link[^>]*rel="stylesheet"[^>]*href="([^"]+)"', page.text)
    sheet = installed.request(address)
    assert sheet.status == 200
    assert sheet.headers.get_content_type() == "text/css"
    assert b"{" in sheet.body


def test_it_administers(installed):
    installed.add_user("admin", "a long enough password", admin=True)
    token = installed.add_token("admin")
    assert installed.request("/simple/", auth=("__token__", token)).status == 200
    assert installed.request("/simple/", auth=("__token__", "wrong")).status == 401
