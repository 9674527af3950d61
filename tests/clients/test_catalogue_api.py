"""The example requests of the Django Packages API v4's own documentation, by curl at a live server; each answer
is compared member by member with the example there (https://docs.djangopackages.org/en/latest/apiv4_docs/).
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.builders import a_wheel
from tests.support import need
from tests.support.clients import clean_environ
from tests.support.server import LiveServer

PASSWORD = "a long enough password"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?")
TOOLBAR = "django-debug-toolbar"
SOCIAL = "django-rest-framework-social-oauth2"


class Moment:
    """Equal to every time as the reference writes it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and TIME.fullmatch(other) is not None

    __hash__ = None  # type: ignore[assignment]


AT = Moment()


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[LiveServer]:
    """With the packages, the category and the grid of the examples."""
    options = {
        "pypi.default_read": "everyone",
        "pypi.default_write": "authenticated",
        "catalogue.search_prefix": "django",
    }
    with LiveServer(tmp_path_factory.mktemp("catalogue") / "data", options) as server:
        server.add_user("boss", PASSWORD, admin=True)
        _upload(
            server,
            TOOLBAR,
            "4.3.0",
            Summary="A configurable set of panels.",
            Project_URL=[
                f"Source, https://github.com/jazzband/{TOOLBAR}",
                f"Documentation, https://readthedocs.org/projects/{TOOLBAR}",
            ],
        )
        _upload(server, SOCIAL, "1.2.0", Summary="Social auth and OAuth2 support.")
        said = {"title": "App", "slug": "apps", "title_plural": "Apps", "description": "Small components."}
        _curate(server, "PATCH", "categories/1", said)
        grid = {"title": "Health checkers", "slug": "healt-checkers", "description": "Checks of health."}
        _curate(server, "POST", "grids", grid)
        for package in (TOOLBAR, SOCIAL):
            _curate(server, "PUT", f"grids/healt-checkers/packages/{package}")
        yield server


def _upload(server: LiveServer, name: str, version: str, **metadata: Any) -> None:
    fields = {key.replace("_", "-"): value for key, value in metadata.items()}
    wheel = a_wheel(name, version, metadata=fields)
    answer = server.request(
        f"/api/package/{name}/{wheel.filename}",
        method="POST",
        auth=("boss", PASSWORD),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
        body=b'--x\r\nContent-Disposition: form-data; name="content"; filename="%s"\r\n\r\n%s\r\n--x--\r\n'
        % (wheel.filename.encode(), wheel.content),
    )
    assert answer.status == 200, answer.text


def _curate(server: LiveServer, method: str, path: str, said: dict[str, Any] | None = None) -> None:
    answer = server.request(
        f"/admin/catalogue/{path}",
        method=method,
        auth=("boss", PASSWORD),
        headers={"Content-Type": "application/json"},
        body=json.dumps(said).encode() if said is not None else b"",
    )
    assert answer.status in {200, 201}, answer.text


@pytest.fixture
def curl(server, tmp_path) -> Callable[[str], Any]:
    """What an example's command prints, as JSON whose members keep their order."""
    program = need.program("curl")

    def run(path: str) -> Any:
        command = [program, "-sS", "-q", "--fail", "--noproxy", "*", "-X", "GET"]
        command += ["-H", "Content-Type: application/json", f"{server.url}/api/v4/{path}"]
        done = subprocess.run(
            command, capture_output=True, env=clean_environ(tmp_path), timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def same(answer: Any, example: Any) -> None:
    """Equal, and in the same order."""
    assert answer == example
    if isinstance(example, dict):
        assert list(answer) == list(example)
        for name, value in example.items():
            same(answer[name], value)
    elif isinstance(example, list):
        for one, other in zip(answer, example, strict=True):
            same(one, other)


CATEGORY = {
    "id": 1,
    "title": "App",
    "slug": "apps",
    "description": "Small components.",
    "title_plural": "Apps",
    "show_pypi": True,
    "created": AT,
    "modified": AT,
}


def grid(url: str) -> dict[str, Any]:
    return {
        "id": 1,
        "title": "Health checkers",
        "slug": "healt-checkers",
        "description": "Checks of health.",
        "is_locked": False,
        "packages": [f"{url}/api/v4/packages/1/", f"{url}/api/v4/packages/2/"],
        "header": False,
        "created": AT,
        "modified": AT,
    }


def toolbar(url: str) -> dict[str, Any]:
    return {
        "category": f"{url}/api/v4/categories/1/",
        "grids": [f"{url}/api/v4/grids/1/"],
        "id": 1,
        "title": TOOLBAR,
        "slug": TOOLBAR,
        "last_updated": AT,
        "last_fetched": AT,
        "repo_url": f"https://github.com/jazzband/{TOOLBAR}",
        "pypi_version": "4.3.0",
        "created": AT,
        "modified": AT,
        "repo_forks": 0,
        "repo_description": "A configurable set of panels.",
        "pypi_url": f"{url}/project/{TOOLBAR}/",
        "documentation_url": f"https://readthedocs.org/projects/{TOOLBAR}",
        "repo_watchers": 0,
        "commits_over_52": [],
        "participants": ["boss"],
    }


def test_root(curl, server):
    lists = ("packages", "search", "grids", "categories")
    same(curl(""), {name: f"{server.url}/api/v4/{name}/" for name in lists})


def test_categories(curl):
    answer = curl("categories/")
    assert list(answer) == ["count", "next", "previous", "results"]
    assert answer["count"] == len(answer["results"])
    assert (answer["next"], answer["previous"]) == (None, None)
    same(answer["results"][-1], CATEGORY)


def test_category(curl):
    same(curl("categories/1/"), CATEGORY)


def test_grids(curl, server):
    same(curl("grids/"), {"count": 1, "next": None, "previous": None, "results": [grid(server.url)]})


@pytest.mark.parametrize("key", ["1", "healt-checkers"])
def test_grid(curl, server, key):
    same(curl(f"grids/{key}/"), grid(server.url))


def test_packages(curl, server):
    answer = curl("packages/?limit=1")
    assert list(answer) == ["count", "next", "previous", "results"]
    assert (answer["count"], answer["previous"], len(answer["results"])) == (2, None, 1)
    assert answer["next"] == f"{server.url}/api/v4/packages/?limit=1&offset=1"
    last = curl(answer["next"].partition("/api/v4/")[2])
    first = f"{server.url}/api/v4/packages/?limit=1"
    same(last, {"count": 2, "next": None, "previous": first, "results": [toolbar(server.url)]})


@pytest.mark.parametrize("key", ["1", TOOLBAR])
def test_package(curl, server, key):
    same(curl(f"packages/{key}/"), toolbar(server.url))


def test_search(curl):
    found = {
        "description": "Social auth and OAuth2 support.",
        "title": SOCIAL,
        "created": AT,
        "modified": AT,
        "weight": 60,
        "item_type": "package",
        "title_no_prefix": "rest-framework-social-oauth2",
        "slug": SOCIAL,
        "slug_no_prefix": "rest-framework-social-oauth2",
        "clean_title": "restframeworksocialoauth2",
        "category": "App",
        "absolute_url": f"/packages/p/{SOCIAL}/",
        "repo_watchers": 0,
        "repo_forks": 0,
        "pypi_downloads": 0,
        "usage": 0,
        "participants": "boss",
        "last_committed": AT,
        "last_released": AT,
    }
    same(curl("search/?q=REST"), [found])
