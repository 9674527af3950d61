"""poetry: publish and add."""

import pytest

from tests.clients.demo import Demo
from tests.support.clients import client


@pytest.fixture
def poetry(tmp_path):
    return client("poetry", tmp_path / "home")


def test_build_publish_and_publish_again(site, poetry, tmp_path):
    demo = Demo("poetry-made", backend="poetry")
    source = demo.write(tmp_path / "source")
    environ = {
        "POETRY_REPOSITORIES_CORP_URL": site.legacy,
        "POETRY_HTTP_BASIC_CORP_USERNAME": "__token__",
        "POETRY_HTTP_BASIC_CORP_PASSWORD": site.token,
    }
    poetry.ok("poetry", "publish", "--build", "-n", "-r", "corp", cwd=source, environ=environ)
    before = site.page(demo.name)
    assert {file["filename"] for file in before["files"]} == {demo.wheel, demo.sdist}
    poetry.ok("poetry", "publish", "-n", "-r", "corp", cwd=source, environ=environ)
    assert site.page(demo.name) == before


def test_other_bytes_are_skipped_where_poetry_is_told_so(site, poetry, tmp_path):
    environ = {
        "POETRY_REPOSITORIES_CORP_URL": site.legacy,
        "POETRY_HTTP_BASIC_CORP_USERNAME": "__token__",
        "POETRY_HTTP_BASIC_CORP_PASSWORD": site.token,
    }
    publish = ["poetry", "publish", "--build", "-n", "-r", "corp"]
    first = Demo("poetry-other", backend="poetry").write(tmp_path / "first")
    poetry.ok(*publish, cwd=first, environ=environ)
    second = Demo("poetry-other", backend="poetry", content="CHANGED = 1\n").write(tmp_path / "second")
    assert "File already exists" in poetry.fails(*publish, cwd=second, environ=environ)
    poetry.ok(*publish, "--skip-existing", cwd=second, environ=environ)


def test_add_with_a_dependency(closed_site, upload, poetry, tmp_path):
    upload(closed_site, Demo("poetry-base", "1.2"), folder="base")
    upload(closed_site, Demo("poetry-top", dependencies=["poetry-base>=1"]), folder="top")
    consumer = Demo(
        "consumer",
        backend="poetry",
        requires_python=">=3.11",
        extra=f"""
[tool.poetry]
package-mode = false

[[tool.poetry.source]]
name = "corp"
url = "{closed_site.index}"
priority = "primary"
""",
    ).write(tmp_path / "consumer")
    environ = {
        "POETRY_VIRTUALENVS_IN_PROJECT": "true",
        "POETRY_HTTP_BASIC_CORP_USERNAME": closed_site.user,
        "POETRY_HTTP_BASIC_CORP_PASSWORD": closed_site.password,
    }
    poetry.ok("poetry", "add", "-n", "poetry-top", cwd=consumer, environ=environ)
    lock = (consumer / "poetry.lock").read_text()
    for name in ("poetry-base", "poetry-top"):
        assert f'name = "{name}"' in lock
        assert closed_site.page(name)["files"][0]["hashes"]["sha256"] in lock
    assert list((consumer / ".venv").glob("lib/*/site-packages/poetry_base"))
