"""Real pip and uv through a server that has an upstream; the upstream is a server of ours too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.clients.demo import Demo
from tests.clients.site import PASSWORD, USER
from tests.support.clients import empty_environment
from tests.support.server import LiveServer

OPEN = {
    "pypi.default_read": "everyone",
    "pypi.default_write": "authenticated",
    "pypi.cache_update": "everyone",
}
Front = Callable[..., LiveServer]


@pytest.fixture
def python(tmp_path):
    return empty_environment(tmp_path / "environment")


@pytest.fixture
def front(site, tmp_path) -> Iterator[Front]:
    """Starts servers in front of ``site``, by mode; the data folder stays the same."""
    running: list[LiveServer] = []

    def start(mode: str, **more: str) -> LiveServer:
        options = OPEN | {"pypi.fallback": mode, "pypi.fallback_base_url": site.server.url}
        options |= {key.replace("__", "."): value for key, value in more.items()}
        server = LiveServer(tmp_path / "front", options=options)
        running.append(server.start())
        return server

    yield start
    for server in running:
        server.stop()


@contextmanager
def stopped(server: LiveServer) -> Iterator[None]:
    """While the upstream is down."""
    server.stop()
    try:
        yield
    finally:
        server.start()


def pip_install(python, server, *arguments):
    index = f"{server.url}/simple/"
    command = ["python", "-m", "pip", "--python", str(python), "install", "--no-cache-dir"]
    return [*command, "--index-url", index, *arguments]


def uv_install(python, server, *arguments):
    index = f"{server.url}/simple/"
    return [
        "uv",
        "pip",
        "install",
        "--no-cache",
        "--python",
        str(python),
        "--default-index",
        index,
        *arguments,
    ]


def installed(pip, python):
    return set(pip.ok("python", "-m", "pip", "--python", str(python), "list", "--format=freeze").split())


@pytest.mark.parametrize("mode", ["redirect", "cache", "mirror"])
def test_pip_and_uv_install_through_it(site, upload, pip, uv, front, python, mode):
    top = f"far-top-{mode}"
    upload(site, Demo(f"far-base-{mode}", "1.2"), folder="base")
    upload(site, Demo(top, dependencies=[f"far-base-{mode}>=1"]), folder="top")
    server = front(mode)
    pip.ok(*pip_install(python, server, top))
    assert installed(pip, python) == {f"far-base-{mode}==1.2", f"{top}==1.0"}
    uv.ok(*uv_install(python, server, "--reinstall", top))
    if mode == "redirect":
        return
    with stopped(site.server):
        uv.ok(*uv_install(python, server, "--reinstall", top))
        pip.ok(*pip_install(python, server, "--force-reinstall", top))
    assert installed(pip, python) == {f"far-base-{mode}==1.2", f"{top}==1.0"}


@pytest.mark.promise(78)
@pytest.mark.parametrize("mode", ["none", "redirect", "cache", "mirror"])
def test_a_higher_public_version_of_our_name_is_never_installed(
    site, upload, builder, pip, uv, front, python, tmp_path, mode
):
    name = f"ours-too-{mode}"
    upload(site, Demo(name, "99.0"), folder="theirs")
    server = front(mode)
    server.add_user(USER, PASSWORD, admin=True)
    (mine,) = Demo(name, "1.0").build(builder, tmp_path / "mine", kinds=("wheel",))
    builder.ok(
        *["twine", "upload", "--non-interactive", "--disable-progress-bar"],
        *[
            f"--repository-url={server.url}/legacy/",
            f"--username={USER}",
            f"--password={PASSWORD}",
            str(mine),
        ],
    )
    for spelling in (name, name.replace("-", "_").title(), name.replace("-", ".").upper()):
        pip.ok(*pip_install(python, server, "--force-reinstall", spelling))
        assert installed(pip, python) == {f"{name}==1.0"}
        uv.ok(*uv_install(python, server, "--reinstall", spelling))
        assert installed(pip, python) == {f"{name}==1.0"}
    pip.fails(*pip_install(python, server, f"{name}==99.0"))
    uv.fails(*uv_install(python, server, f"{name}==99.0"))


def test_an_offline_site_is_filled_by_the_command(site, upload, pip, front, python, tmp_path):
    upload(site, Demo("warm-base", "1.2"), folder="base")
    upload(site, Demo("warm-top", dependencies=["warm-base>=1"]), folder="top")
    server = front("cache")
    server.stop()
    lock = tmp_path / "requirements.txt"
    lock.write_text("warm-base==1.2\nwarm-top==1.0\n")
    told = server.run("fetch", "-r", str(lock))
    assert "2 files held for 2 requirements, 0 problems" in told
    offline = front("cache", upstream__offline="true")
    with stopped(site.server):
        pip.ok(*pip_install(python, offline, "warm-top"))
    assert installed(pip, python) == {"warm-base==1.2", "warm-top==1.0"}
    offline.stop()
    assert "0 held, 0 bytes" in offline.run("prune", "--keep", "1")
