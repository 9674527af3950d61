"""Whoever chooses the words of an event, the log stays one line for each, and readable."""

import io
import json
import logging
import sys
from pathlib import Path

import pytest

from pypicloud_like.logs import context
from pypicloud_like.logs.lines import JsonLines, Lines
from pypicloud_like.logs.setup import make_safe
from pypicloud_like.settings.load import load

FORGED = "2026-01-01 00:00:00,000 INFO pypicloud_like: user boss logged in"
HOSTILE = [
    f"x\n{FORGED}",
    f"x\r\n{FORGED}",
    f"x\r{FORGED}",
    "\x1b]0;owned\x07\x1b[2J",
    "\x00\x08\x7f\x9b31m",
    "a\u2028b\u2029c\x85d\x0be\x0cf",
    "\u202egnp.exe",
    "\ud800 alone",
    "a" * 100_000,
    '"}, {"level": "ERROR',
    "%s %d %(name)s {0}",
]


def record(message, *args, error=None):
    return logging.LogRecord("pypicloud_like.x", logging.INFO, __file__, 1, message, args, error)


def broken(message):
    raise ValueError(message)


def caught(message):
    try:
        broken(message)
    except ValueError:
        return sys.exc_info()


@pytest.fixture(autouse=True)
def outside():
    token = context.request_id.set("")
    yield
    context.request_id.reset(token)


@pytest.mark.promise(159)
@pytest.mark.parametrize("text", HOSTILE)
def test_one_line_for_each_event(text):
    line = Lines().format(record("the name %s is no name", text))
    assert line.isprintable()
    assert len(line.splitlines()) == 1
    assert "the name " in line


@pytest.mark.promise(159)
@pytest.mark.parametrize("text", HOSTILE)
def test_lines_of_a_traceback_cannot_be_taken_for_events(text):
    first, *others = Lines().format(record("it broke", error=caught(text))).split("\n")
    assert "it broke" in first
    assert others
    assert all(line.startswith("    | ") and line.isprintable() for line in others)


@pytest.mark.promise(159)
@pytest.mark.parametrize("text", HOSTILE)
def test_json_is_json_and_tells_it_as_it_was(text):
    line = JsonLines().format(record("%s", text, error=caught(text)))
    assert line.isascii()
    assert line.isprintable()
    event = json.loads(line)
    assert set(event) == {"time", "level", "logger", "thread", "message", "exception"}
    assert event["message"] == text.encode("utf-8", "backslashreplace").decode()
    assert event["time"].endswith("+00:00")
    assert event["level"] == "INFO"
    assert "ValueError" in event["exception"]


def test_arguments_that_do_not_fit_are_no_reason_to_say_nothing():
    assert "one %d" in Lines().format(record("one %d", "two"))
    assert "one %d" in json.loads(JsonLines().format(record("one %d", "two")))["message"]


@pytest.mark.promise(161)
def test_the_request_is_named():
    context.request_id.set("0123abcd")
    assert Lines().format(record("it happened")).endswith("it happened (request 0123abcd)")
    assert json.loads(JsonLines().format(record("it happened")))["request_id"] == "0123abcd"


@pytest.mark.promise(160)
def test_secrets_are_masked_in_all_members_and_in_tracebacks():
    event = record("password=hunter2", error=caught("token=hunter3"))
    event.fields = {"path": "/x/pcl_0123456789abcdef", "status": 200}
    for line in (Lines().format(event), JsonLines().format(event)):
        assert "hunter" not in line
        assert "0123456789abcdef" not in line
    assert json.loads(JsonLines().format(event))["status"] == 200


@pytest.fixture
def logger():
    """A logger with a handler and a formatter of an administrator's."""
    found = logging.getLogger("tests.unit.logs")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("MINE %(levelname)s %(message)s"))
    found.addHandler(handler)
    found.propagate = False
    before = {each: each.formatter for each in [*logging.root.handlers, logging.lastResort]}
    yield found, stream
    found.removeHandler(handler)
    for each, formatter in before.items():
        each.setFormatter(formatter)


@pytest.mark.promise(159, 160)
def test_formats_of_the_administrator_are_kept_and_made_safe(logger):
    found, stream = logger
    make_safe(load({}, {}, here=Path("/")))
    found.error("no %s", "x\npassword=hunter2")
    assert stream.getvalue() == "MINE ERROR no x\\npassword=********\n"


def test_json_where_it_is_set_and_back_again(logger):
    found, stream = logger
    make_safe(load({"log.format": "json"}, {}, here=Path("/")))
    found.error("one")
    assert json.loads(stream.getvalue())["message"] == "one"
    make_safe(load({}, {}, here=Path("/")))
    found.error("two")
    assert stream.getvalue().splitlines()[-1] == "MINE ERROR two"
