"""flit and hatch: publish."""

import pytest

from tests.clients.demo import Demo
from tests.support.clients import client


@pytest.fixture
def flit(tmp_path):
    return client("flit", tmp_path / "home")


@pytest.fixture
def hatch(tmp_path):
    return client("hatch", tmp_path / "home")


def test_flit_publish_twice(site, flit, tmp_path):
    demo = Demo("flit-made")
    source = demo.write(tmp_path / "source")
    environ = {
        "FLIT_INDEX_URL": site.legacy,
        "FLIT_USERNAME": "__token__",
        "FLIT_PASSWORD": site.token,
        "FLIT_NO_NETWORK": "1",
        # flit builds anew each time; with this the bytes are the same
        "SOURCE_DATE_EPOCH": "1700000000",
    }
    flit.ok("flit", "publish", "--no-use-vcs", cwd=source, environ=environ)
    before = site.page(demo.name)
    assert {file["filename"] for file in before["files"]} == {demo.wheel, demo.sdist}
    flit.ok("flit", "publish", "--no-use-vcs", cwd=source, environ=environ)
    assert site.page(demo.name) == before


@pytest.mark.parametrize("path", ["/legacy/", "/simple/"])
def test_hatch_publish_and_skip_on_the_second_time(site, hatch, builder, tmp_path, path):
    demo = Demo(f"hatch-made-{path.strip('/')}", backend="hatchling")
    files = demo.build(builder, tmp_path / "work")
    command = ["hatch", "publish", "--no-prompt", "-r", f"{site.server.url}{path}"]
    command += ["-u", "__token__", "-a", site.token, *map(str, files)]
    hatch.ok(*command)
    assert site.filenames(demo.name) == {demo.wheel, demo.sdist}
    # hatch looks at +simple below the upload address and says what it found there
    assert "already exists" in hatch.run(*command).output
