"""Archives that are not what they seem are refused with a cause, and cost little."""

from __future__ import annotations

import pytest

from tests.builders import Built, a_wheel, an_sdist, core_metadata
from tests.corpus import tars, zips
from tests.http.pypi.site import refused
from tests.support.cost import cpu_below

WHEEL, SDIST = a_wheel("foo", "1.0"), an_sdist("foo", "1.0")
CASES = {f"zip: {name}": case for name, case in zips.CASES.items()}
CASES |= {f"tar: {name}": case for name, case in tars.CASES.items()}

INCOMPLETE = {
    "METADATA": a_wheel("foo", "1.0", without=["{dist_info}/METADATA"]),
    "WHEEL": a_wheel("foo", "1.0", without=["{dist_info}/WHEEL"]),
    "RECORD": a_wheel("foo", "1.0", without=["{dist_info}/RECORD"]),
    "PKG-INFO": an_sdist("foo", "1.0", without=["PKG-INFO"]),
}


@pytest.mark.parametrize("missing", INCOMPLETE)
def test_without_what_belongs_into_it(shared, missing):
    with shared.unchanged():
        refused(shared.upload(INCOMPLETE[missing]), 400, missing)


@pytest.mark.promise(94, 95)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_hostile_archive_is_refused_for_its_reason(shared, case):
    built = case.make()
    with cpu_below(6), shared.unchanged():
        refused(shared.upload(built), 400)


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"PK\3\4", b"PK\5\6" + b"\0" * 18, b"\x1f\x8b", b"\0" * 10_000, b"<html>not found</html>",
     WHEEL.content[:-1], WHEEL.content[1:], SDIST.content[:-1], SDIST.content[:100], WHEEL.content * 2,
     SDIST.content + b"x"],
    ids=range(13),
)  # fmt: skip
@pytest.mark.parametrize("filename", [WHEEL.filename, SDIST.filename, "foo-1.0.zip"])
def test_what_is_no_archive_of_its_kind_is_refused(shared, content, filename):
    with shared.unchanged():
        refused(shared.upload(Built(filename, content)), 400)


MIB = 1024 * 1024
ODD_METADATA = {
    "many headers": core_metadata("foo", "1.0") + b"".join(b"Keywords: k%d\n" % n for n in range(100_000)),
    "many names": core_metadata("foo", "1.0") + b"".join(b"X-%d: v\n" % n for n in range(50_000)),
    "one long line": core_metadata("foo", "1.0", metadata={"Summary": "x" * (2 * MIB - 200)}),
    "too large": core_metadata("foo", "1.0", description="x" * (2 * MIB + 1)),
    "mixed line ends": b"Metadata-Version: 2.1\r\nName: foo\nVersion: 1.0\rSummary: x\r\n\r\nbody",
    "no utf-8": core_metadata("foo", "1.0") + b"Summary: \xff\xfe\xfd\n",
    "nul": core_metadata("foo", "1.0", metadata={"Summary": "a\0b"}),
    "nul in the name": core_metadata("foo\0", "1.0"),
    "surrogates": core_metadata("foo", "1.0") + b"Summary: \xed\xa0\x80\n",
    "two names": core_metadata("foo", "1.0") + b"Name: bar\n",
    "a mail": core_metadata("foo", "1.0") + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\n--x--",
    "folded": core_metadata("foo", "1.0") + b"Summary: a\n  b\n\tc\n",
    "nothing": b"",
    "binary": bytes(range(256)) * 100,
    "deep brackets": core_metadata("foo", "1.0", metadata={"Requires-Dist": "a" + "(" * 10_000}),
    "nested markers": core_metadata(
        "foo", "1.0", metadata={"Requires-Dist": "a; " + "(" * 5000 + "x" + ")" * 5000}
    ),
    "huge version": core_metadata("foo", "9" * 10_000),
}


@pytest.mark.parametrize("case", ODD_METADATA)
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_odd_metadata_is_taken_or_refused_and_never_breaks_anything(shared, case, kind):
    name = f"{case} {kind}".replace(" ", "-")
    raw = ODD_METADATA[case].replace(b"foo", name.encode())
    if kind == "wheel":
        built = a_wheel(name, "1.0", files={"{dist_info}/METADATA": raw})
    else:
        built = an_sdist(name, "1.0", files={"PKG-INFO": raw})
    stored = shared.stored()
    with cpu_below(4):
        answer = shared.upload(built)
    if answer.status_int != 200:
        refused(answer, 400)
        assert shared.indexed(name) == {}
        assert shared.stored() == stored
        return
    for path in ("/simple/", f"/pypi/{name}/json", "/rss/updates.xml", "/packages/", f"/api/package/{name}/"):
        assert shared.ask("GET", path, user="ann").status_int == 200, path
    assert shared.entry(name, built.filename)["hashes"]["sha256"] == built.sha256
    if kind == "wheel":
        url = shared.entry(name, built.filename)["url"]
        assert shared.ask("GET", url + ".metadata", user="ann").body == raw
