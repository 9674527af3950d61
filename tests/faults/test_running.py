"""Starting in any order, going on without the other process, few descriptors, and an ordinary user's rights."""

from __future__ import annotations

import os
import random
import shutil
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests import builders
from tests.faults.forked import ForkedServer
from tests.faults.proxy import Mode, Proxy
from tests.faults.setups import in_store
from tests.faults.world import BOSS, ECOSYSTEMS, World
from tests.support import need
from tests.support.server import COMMAND, LiveServer, free_port
from tests.support.uploads import post_file

OPTIONS = {"pypi.default_read": "everyone", "auth.hash_rounds": "1", "pypi.stream_files": "true"}
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
NOBODY = 65534


def upload(server: LiveServer, version: str) -> int:
    built = builders.a_wheel("foo", version)
    return post_file(server, *BOSS, built.filename, built.content).status


def versions(server: LiveServer) -> set[str]:
    return set(server.request("/simple/foo/", headers=JSON).json["versions"])


@pytest.mark.promise(56, 166)
def test_databases_and_storage_come_up_after_the_server(postgres_server, s3_store, tmp_path):
    """Nothing of it has ever been there when the server starts; it needs no other start afterwards."""
    url = postgres_server.postgres.url("postgres")
    postgres_server.stop()
    with Proxy(int(s3_store.endpoint.rpartition(":")[2])) as proxy:
        proxy.mode = Mode.REFUSE
        store = in_store(s3_store, endpoint=f"http://127.0.0.1:{proxy.port}")
        options = OPTIONS | store | {"db.url": url, "state.url": url, "storage.max_attempts": "1"}
        server = ForkedServer(tmp_path / "data", options=options, port=free_port())
        try:
            server.launch()
            says_that_it_starts(server)
            postgres_server.start()
            time.sleep(2)
            says_that_it_starts(server)  # a new index may be a lost one: only the storage knows
            proxy.mode = Mode.PASS
            until(lambda: server.request("/health").status == 200)
            server.add_user(*BOSS, admin=True)
            assert upload(server, "1.0") == 200
            assert versions(server) == {"1.0"}
            server.stop()
            assert "Traceback" not in server.log
            proxy.mode = Mode.REFUSE
            server.launch()
            assert versions(server) == {"1.0"}, "an index that is filled is read without the storage"
            assert upload(server, "2.0") == 503
            proxy.mode = Mode.PASS
            until(lambda: upload(server, "2.0") == 200)
        finally:
            server.stop()


def says_that_it_starts(server: LiveServer) -> None:
    for path, status in {"/alive": 200, "/ready": 503, "/health": 500, "/simple/": 503, "/": 503}.items():
        answer = server.request(path)
        assert answer.status == status
        assert "127.0.0.1" not in answer.text
    assert server.request("/api/v1/crates").json["errors"][0]["detail"].startswith("The server is starting")
    assert post_file(server, *BOSS, "foo-1.0.tar.gz", b"x").status == 503


def until(holds, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.promise(169)
def test_when_one_process_dies_the_other_goes_on(tmp_path, options):
    given = {**options, **OPTIONS}
    data = tmp_path / "data"
    with ForkedServer(data, options=given) as one, ForkedServer(data, options=given) as two:
        one.add_user(*BOSS, admin=True)
        for number in range(2):
            one.end_at("index.inside")
            with pytest.raises(OSError, match=r"."):
                upload(one, f"{number}.0")
            one.wait()
            one.go_on()
            began = time.monotonic()
            assert upload(two, f"{number}.1") == 200
            assert upload(two, f"{number}.0") == 200, "what the other one began"
            assert time.monotonic() - began < 30, "it holds nothing up"
            one.start()
            assert versions(one) == versions(two) == {f"{n}.{m}" for n in range(number + 1) for m in range(2)}
        assert " 0 findings" in two.run("check", "--verify")


@pytest.mark.promise(170)
def test_more_connections_than_descriptors(tmp_path):
    limited = ("sh", "-c", 'ulimit -n 64; exec "$0" "$@"', sys.executable, "-m", "pypicloud_like.cli")
    with LiveServer(tmp_path / "data", options=OPTIONS, command=limited) as server:
        server.add_user(*BOSS, admin=True)
        assert upload(server, "1.0") == 200
        with ExitStack() as stack:
            for _ in range(150):
                client = stack.enter_context(socket.socket())
                client.settimeout(1)
                with suppress(OSError):
                    client.connect(("127.0.0.1", server.port))
                    client.sendall(b"GET /simple/foo/ HTTP/1.1\r\n")
        until(lambda: quickly(server, "/simple/foo/") == 200)
        assert upload(server, "2.0") == 200
        assert versions(server) == {"1.0", "2.0"}
        assert server.process is not None
        assert server.process.poll() is None


def quickly(server: LiveServer, path: str) -> int:
    try:
        return server.request(path, timeout=2).status
    except OSError:
        return 0


def as_nobody() -> tuple[str, ...]:
    """The beginning of a command that runs as nobody. The interpreter may be where only root reads: it may
    read everything, and write what is its own.
    """
    read = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    return (need.program("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *read)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that everybody may enter; what is made in it is for the test to say."""
    folder = Path(tempfile.mkdtemp(prefix="humble-"))
    folder.chmod(0o755)
    yield folder
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.promise(171)
def test_an_ordinary_user_who_may_write_its_data_alone(home):
    is_root = os.geteuid() == 0
    sealed, data = home / "sealed", home / "data"
    sealed.mkdir()
    data.mkdir(mode=0o750)
    if is_root:
        os.chown(data, NOBODY, NOBODY)
    sealed.chmod(0o555)
    environ = {"HOME": str(sealed), "TMPDIR": str(sealed), "XDG_CACHE_HOME": str(sealed)}
    environ |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = (*(as_nobody() if is_root else ()), *COMMAND)
    options = OPTIONS | {"auth.first_admin_by_registration": "true"}
    before = strangers(home)
    with LiveServer(data, options=options, environ=environ, command=command) as server:
        assert server.process is not None
        assert Path(f"/proc/{server.process.pid}").stat().st_uid == (NOBODY if is_root else os.geteuid())
        body = f"password={BOSS[1].replace(' ', '+')}".encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = server.request(f"/api/user/{BOSS[0]}", method="PUT", body=body, headers=kind)
        assert answer.status == 200
        world = World(server, random.Random(1))
        for ecosystem in ECOSYSTEMS * 2:
            assert world.publish(world.new(ecosystem))
        world.verify("as an ordinary user", every=True)
        assert server.request("/admin/rebuild", auth=BOSS).status == 200
        assert server.request("/project/crash-0/").status == 200
        assert server.request("/health").status == 200
    assert strangers(home) == before
    assert list(sealed.iterdir()) == []
    assert "Traceback" not in server.log
    modes = {path: path.stat().st_mode for path in data.rglob("*")}
    assert not [path for path, mode in modes.items() if mode & stat.S_IWOTH]


def strangers(home: Path) -> set[Path]:
    """What there is beside our own folder where anybody may write."""
    places = [Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/dev/shm")]
    owner = NOBODY if os.geteuid() == 0 else os.geteuid()
    found = set()
    for place in places:
        with suppress(OSError):
            for path in place.iterdir():
                with suppress(OSError):
                    if path != home and path.lstat().st_uid == owner and "humble" not in path.name:
                        found.add(path)
    return found if os.geteuid() == 0 else set()
