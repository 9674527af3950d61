"""twine: uploads, repeated uploads, refusals."""

import pytest

from tests.clients.demo import BACKENDS, Demo
from tests.clients.site import twine_upload


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_wheel_and_sdist_of_each_build_backend(site, builder, tmp_path, backend):
    demo = Demo(f"twine-{backend}", backend=backend)
    builder.ok(*twine_upload(site, *demo.build(builder, tmp_path)))
    assert site.filenames(demo.name) == {demo.wheel, demo.sdist}
    assert site.page(demo.name)["versions"] == ["1.0"]


def test_password_instead_of_token(site, builder, tmp_path):
    demo = Demo("twine-password")
    files = demo.build(builder, tmp_path)
    builder.ok(*twine_upload(site, *files, user=site.user, password=site.password))
    assert site.filenames(demo.name) == {demo.wheel, demo.sdist}


def test_the_same_files_again_change_nothing(site, builder, tmp_path):
    demo = Demo("twine-again")
    files = demo.build(builder, tmp_path)
    builder.ok(*twine_upload(site, *files))
    before = site.page(demo.name)
    builder.ok(*twine_upload(site, *files))
    assert site.page(demo.name) == before


def test_other_bytes_under_the_same_name_are_refused_with_the_reason(site, builder, tmp_path):
    demo = Demo("twine-other")
    files = demo.build(builder, tmp_path / "first", kinds=["wheel"])
    builder.ok(*twine_upload(site, *files))
    before = site.page(demo.name)
    others = Demo(demo.name, content="CHANGED = True\n").build(builder, tmp_path / "second", kinds=["wheel"])
    assert "File already exists" in builder.fails(*twine_upload(site, *others))
    assert site.page(demo.name) == before


@pytest.mark.parametrize("user", ["ann", "__token__", "nobody"])
def test_wrong_credentials(site, builder, tmp_path, user):
    demo = Demo(f"twine-wrong-{user.strip('_')}")
    files = demo.build(builder, tmp_path, kinds=["wheel"])
    assert "401" in builder.fails(*twine_upload(site, *files, user=user, password="wrong"))
    assert site.server.request(f"/simple/{demo.name}/").status == 404


@pytest.mark.parametrize("path", ["/", "/simple/", "/pypi/", "/legacy/", "/legacy", "/simple", "/pypi"])
def test_every_upload_address(site, builder, tmp_path, path):
    demo = Demo(f"twine-at{path.replace('/', '-').strip('-')}{'-slash' if path.endswith('/') else ''}")
    files = demo.build(builder, tmp_path, kinds=["wheel"])
    command = [
        f"--repository-url={site.server.url}{path}" if argument.startswith("--repository-url") else argument
        for argument in twine_upload(site, *files)
    ]
    builder.ok(*command)
    assert site.filenames(demo.name) == {demo.wheel}
