"""Real public projects and all they need: uploaded as their publishers made them, installed again."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.demo import Demo
from tests.clients.site import twine_upload
from tests.support import need
from tests.support.clients import CACHE, client, empty_environment

WANTED = ("boto3", "flask", "httpx", "pydantic", "pyramid", "requests", "rich")
IMPORTED = "import boto3, flask, httpx, pydantic, pyramid.config, requests, rich"
SDISTS = ("idna", "packaging", "urllib3")


@pytest.fixture(scope="module")
def public_files() -> list[Path]:
    """Wheels of the projects and all they need, and a few sdists; downloaded once and kept."""
    folder = CACHE / f"real-projects-{sys.implementation.cache_tag}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".complete").exists():
            download(folder, "--only-binary=:all:", *WANTED)
            download(folder, "--no-deps", "--no-binary=:all:", *SDISTS)
            (folder / ".complete").touch()
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def download(folder: Path, *what: str) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "--dest", folder, *what], capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        need.lacking(f"a public package index (pip said: {done.stderr.strip()[-300:]})")


@pytest.fixture(scope="module")
def uploaded(public_files, closed_site, builder):
    builder.ok(*twine_upload(closed_site, *public_files))
    return public_files


def names(files: list[Path]) -> set[str]:
    return {path.name.split("-")[0].replace("_", "-").lower() for path in files}


def test_there_are_enough_of_them(public_files):
    assert len(names(public_files)) >= 20
    assert len([path for path in public_files if path.name.endswith(".tar.gz")]) == len(SDISTS)


def test_every_file_is_listed_with_its_metadata(uploaded, closed_site):
    for path in uploaded:
        (file,) = (
            file
            for file in closed_site.page(path.name.split("-")[0].replace("_", "-").lower())["files"]
            if file["filename"] == path.name
        )
        assert file["size"] == path.stat().st_size
        assert bool(file.get("core-metadata")) == path.name.endswith(".whl")


def test_pip_installs_them_from_here_alone(uploaded, closed_site, pip, tmp_path):
    python = empty_environment(tmp_path / "environment")
    command = ["python", "-m", "pip", "--python", str(python), "install", "--only-binary=:all:"]
    pip.ok(*command, "--index-url", closed_site.index_with_login, *WANTED)
    subprocess.run([python, "-W", "ignore", "-c", IMPORTED], check=True)


def test_uv_installs_them_from_here_alone(uploaded, closed_site, uv, tmp_path):
    python = empty_environment(tmp_path / "environment")
    command = ["uv", "pip", "install", "--python", str(python), "--only-binary=:all:"]
    uv.ok(*command, "--default-index", closed_site.index_with_login, *WANTED)
    subprocess.run([python, "-W", "ignore", "-c", IMPORTED], check=True)


def test_poetry_adds_one_with_its_dependencies(uploaded, closed_site, tmp_path):
    poetry = client("poetry", tmp_path / "home")
    source = f'\n[[tool.poetry.source]]\nname = "corp"\nurl = "{closed_site.index}"\n'
    version = f"=={sys.version_info.major}.{sys.version_info.minor}.*"
    consumer = Demo(
        "consumer",
        backend="poetry",
        requires_python=version,
        extra=f"\n[tool.poetry]\npackage-mode = false\n{source}",
    ).write(tmp_path / "consumer")
    environ = {
        "POETRY_VIRTUALENVS_IN_PROJECT": "true",
        "POETRY_HTTP_BASIC_CORP_USERNAME": "__token__",
        "POETRY_HTTP_BASIC_CORP_PASSWORD": closed_site.token,
    }
    poetry.ok("poetry", "add", "-n", "requests", cwd=consumer, environ=environ)
    installed = {path.name for path in (consumer / ".venv").glob("lib/*/site-packages/*")}
    assert {"requests", "urllib3", "idna", "certifi", "charset_normalizer"} <= installed
