"""Progress: at a terminal only, and stages may begin anew."""

import io
import sys

from pypicloud_like.cli import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def work():
    with progress.stages("records") as tell:
        tell("records", 10)
        tell("removed", 2)
    with progress.transfer(100) as more:
        more(100)


def test_at_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    work()
    shown = sys.stderr.getvalue()
    assert "removed" in shown
    assert "100%" in shown


def test_elsewhere_nothing(capsys):
    work()
    assert capsys.readouterr().err == ""
