"""curl: uploads with nothing but the file, as scripts do."""

import subprocess

import pytest

from tests.clients.demo import Demo
from tests.support import need
from tests.support.clients import clean_environ


@pytest.fixture
def curl(tmp_path):
    program = need.program("curl")

    def run(*arguments):
        command = [program, "-sS", "-q", "--noproxy", "*", *map(str, arguments), "-w", "\n%{http_code}"]
        done = subprocess.run(
            command, capture_output=True, text=True, env=clean_environ(tmp_path), timeout=60, check=True
        )
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    return run


@pytest.mark.parametrize("path", ["/simple/", "/legacy/", "/"])
def test_upload_of_the_file_alone(site, builder, tmp_path, curl, path):
    demo = Demo(f"curl-at-{path.strip('/') or 'root'}", requires_python=">=3.9")
    for file in demo.build(builder, tmp_path):
        login = ("-u", f"{site.user}:{site.password}")
        fields = ("-F", ":action=file_upload", "-F", f"content=@{file}")
        assert curl(*login, *fields, f"{site.server.url}{path}")[0] == 200
    assert site.filenames(demo.name) == {demo.wheel, demo.sdist}
    assert {file["requires-python"] for file in site.page(demo.name)["files"]} == {">=3.9"}


def test_upload_to_the_package_api(site, builder, tmp_path, curl):
    demo = Demo("curl-api")
    (wheel,) = demo.build(builder, tmp_path, kinds=["wheel"])
    login = ("-u", f"{site.user}:{site.password}")
    address = f"{site.server.url}/api/package/{demo.name}/{demo.wheel}"
    assert curl(*login, "-F", f"content=@{wheel}", address)[0] == 200
    assert site.filenames(demo.name) == {demo.wheel}
    status, _ = curl("-o", tmp_path / "back.whl", address)
    assert status == 200
    assert (tmp_path / "back.whl").read_bytes() == wheel.read_bytes()


def test_upload_without_login(site, builder, tmp_path, curl):
    demo = Demo("curl-anonymous")
    (wheel,) = demo.build(builder, tmp_path, kinds=["wheel"])
    assert curl("-F", ":action=file_upload", "-F", f"content=@{wheel}", site.legacy)[0] == 401


def test_a_download_that_broke_off_goes_on(site, upload, tmp_path, curl):
    demo = Demo("curl-resumed")
    (wheel,) = upload(site, demo)
    half = tmp_path / "half.whl"
    half.write_bytes(wheel.read_bytes()[:100])
    status, _ = curl("-C", "-", "-o", half, f"{site.server.url}/api/package/{demo.name}/{demo.wheel}")
    assert status == 206
    assert half.read_bytes() == wheel.read_bytes()
