"""The command itself: its settings for the WSGI server, what it prints, how it ends."""

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import pytest

from pypicloud_like.assets import config_dir
from pypicloud_like.cli import serve
from pypicloud_like.cli.site import waitress_options
from pypicloud_like.settings.load import load

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture
def start(tmp_path):
    """Start the real command with some arguments."""
    processes = []

    def begin(*argv, **environ):
        process = subprocess.Popen(
            [sys.executable, "-m", "pypicloud_like.cli", "serve", "--port", "0", *argv],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=tmp_path,
            env=os.environ | environ,
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def test_it_serves_and_says_how_to_go_on(start, tmp_path):
    process = start("--data", "my data")
    address = re.fullmatch(r"Serving on (http://127\.0\.0\.1:\d+/)\n", process.stdout.readline())[1]
    hint = process.stdout.readline()
    assert hint.startswith("There is no administrator yet. Make one: ")
    assert hint.endswith("user add NAME --admin --data 'my data'\n")
    with DIRECT.open(f"{address}health", timeout=30) as answer:
        assert answer.status == 200
        assert "waitress" not in str(answer.headers)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert process.stdout.read() == ""
    assert (tmp_path / "my data" / "spool").stat().st_mode & 0o777 == 0o700


@pytest.mark.promise(165)
def test_a_bad_setting_ends_it_at_once(start):
    process = start(PPC_LIMITS_FILE="big")
    assert process.wait(20) == 2
    assert process.stdout.read().startswith("pypicloud-like: PPC_LIMITS_FILE = big: must be a size")


def test_the_adjustments_of_the_server():
    ini = {
        "server.threads": "7",
        "limits.file": "9 MiB",
        "server.public_url": "https://h/pkg/",
        "limits.header": "9000",
    }
    options = waitress_options(load(ini, {}))
    assert options["threads"] == 7
    assert options["max_request_body_size"] == 10 * 1024 * 1024
    assert options["max_request_header_size"] == 9000
    assert options["url_prefix"] == "/pkg"


def test_pserve_takes_the_file_for_development(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    text = (config_dir() / "development.ini").read_text()
    (tmp_path / "development.ini").write_text(text.replace("127.0.0.1:6543", f"127.0.0.1:{port}"))
    process = subprocess.Popen(
        [sys.executable, "-m", "pyramid.scripts.pserve", "development.ini"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
    )
    try:
        assert answers(f"http://127.0.0.1:{port}/health")
        assert (tmp_path / "data" / "state.sqlite").exists()
    finally:
        process.kill()
        process.wait()


def answers(url):
    for _ in range(200):
        try:
            with DIRECT.open(url, timeout=30) as answer:
                return answer.status == 200
        except OSError:
            time.sleep(0.1)
    return False


@pytest.fixture
def untouched():
    """Puts back what the command sets for its whole process."""
    folder = tempfile.tempdir
    yield
    tempfile.tempdir = folder


@pytest.mark.promise(149)
@pytest.mark.usefixtures("untouched")
def test_a_small_spool_folder_is_warned_about(tmp_path, caplog):
    serve._set_up_spool(load({"limits.file": "900 TiB"}, {}, data=tmp_path))
    assert tempfile.gettempdir() == str(tmp_path / "spool")
    assert "one upload may take" in caplog.text


def test_logging_of_the_file(tmp_path):
    (tmp_path / "x.ini").write_text(
        "[app:main]\n[loggers]\nkeys = root\n[handlers]\nkeys =\n[formatters]\nkeys =\n"
        "[logger_root]\nlevel = ERROR\nhandlers =\n"
    )
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    try:
        serve._set_up_logging(str(tmp_path / "x.ini"), load({}, {}))
        assert root.level == logging.ERROR
        assert logging.getLogger("waitress.queue").level == logging.ERROR
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers


@pytest.mark.parametrize(
    ("host", "open_"), [("127.0.0.1", True), ("localhost", True), ("0.0.0.0", False), ("10.1.2.3", False)]
)
def test_the_first_admin_registers_only_where_nobody_else_can(tmp_path, host, open_):
    settings = load({"auth.first_admin_by_registration": "true"}, {}, data=tmp_path, here=tmp_path)
    assert serve._for_address(settings, host).access.first_admin_by_registration is open_


@pytest.mark.parametrize(
    ("host", "told"), [("127.0.0.1", False), ("::1", False), ("localhost", False), ("10.1.2.3", True)]
)
def test_where_only_this_machine_is_answered_is_told_where_others_may_come(tmp_path, capsys, host, told):
    serve._announce(load({}, {}, data=tmp_path, here=tmp_path), [(host, 1)])
    assert ("Only requests for localhost" in capsys.readouterr().out) is told
