"""entry_points.txt"""

import pytest

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.pypi.entry_points import check_entry_points
from tests.support.cost import cpu_below


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n# nothing\n; at all\n",
        b"[console_scripts]\nfoo = foo:main\nfoo-2.x=foo.cli : app.run [extra1, extra2]\n",
        b"[gui_scripts]\r\nfoo = foo:main\r\n\r\n[pytest11]\r\nfoo = foo.plugin\r\n",
        b"[a.b-c]\nname with spaces = foo\n",
        "[console_scripts]\nf\u00f6\u00f6 = f\u00f6\u00f6:main\n".encode(),
        b"[a]\nx = y\n[b]\nx = y\n",
        b"[paste.app_factory]\nmain = foo:main\n",
    ],
)
def test_well_formed(raw: bytes) -> None:
    check_entry_points(raw)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"foo = foo:main\n", "malformed"),
        (b"[console_scripts]\nfoo\n", "malformed"),
        (b"[console_scripts]\nfoo =\n", "malformed"),
        (b"[console_scripts]\n= foo:main\n", "malformed"),
        (b"[console_scripts\nfoo = foo:main\n", "malformed"),
        (b"[]\nfoo = foo:main\n", "group without a name"),
        (b"[console_scripts]\nfoo = foo:main\nfoo = bar:main\n", "twice"),
        (b"[console_scripts]\n../../bin/sh = foo:main\n", "name of a script"),
        (b"[console_scripts]\n.. = foo:main\n", "name of a script"),
        (b"[console_scripts]\na b = foo:main\n", "name of a script"),
        (b"[gui_scripts]\nfoo = foo\n", "does not name a function"),
        (b"[gui_scripts]\nfoo = foo:main; import os\n", "does not name a function"),
        (b"[gui_scripts]\nfoo = foo:main()\n", "does not name a function"),
        (b"[a]\n\xff = b\n", "UTF-8"),
    ],
)
def test_malformed(raw: bytes, reason: str) -> None:
    with pytest.raises(InvalidUpload, match=reason):
        check_entry_points(raw)


@pytest.mark.promise(99)
@pytest.mark.parametrize(
    "line",
    [
        b"a" + b" " * 1_000_000 + b"b",
        b"a = " + b"b." * 500_000,
        b"a = b:" + b"c." * 500_000 + b"(",
        b"[" * 1_000_000,
    ],
    ids=["spaces", "dots", "almost", "brackets"],
)
def test_hostile_lines_cost_little(line: bytes) -> None:
    with cpu_below(2), pytest.raises(InvalidUpload):
        check_entry_points(b"[console_scripts]\n" + line)
