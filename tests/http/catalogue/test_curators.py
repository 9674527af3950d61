"""Groups that look after grids beside the administrators (``catalogue.curators``)."""

from __future__ import annotations

import pytest


@pytest.fixture
def ini() -> dict[str, str]:
    return {
        "pypi.default_read": "everyone",
        "pypi.default_write": "authenticated",
        "catalogue.curators": "keepers",
    }


@pytest.fixture
def site(site, users):
    """The project ``foo``, and ``ann`` in the group; ``bob`` is not."""
    users.add_group("keepers", actor="boss")
    users.add_member("keepers", "ann", actor="boss")
    site.wheel("foo", "1.0")
    return site


@pytest.fixture
def package(site) -> int:
    return site.read("packages/")["results"][0]["id"]


def test_they_make_grids_and_fill_them(site, package):
    grid = site.curate("POST", "grids", {"title": "Servers"}, user="ann", status=201)["id"]
    site.curate("PUT", f"grids/{grid}/packages/{package}", user="ann")
    site.curate("POST", f"grids/{grid}/features", {"title": "HTTP/2"}, user="ann", status=201)
    assert len(site.read(f"grids/{grid}/")["packages"]) == 1


def test_nobody_else_does(site):
    site.curate("POST", "grids", {"title": "Servers"}, user="bob", status=403)
    site.curate("POST", "grids", {"title": "Servers"}, user=None, status=401)


def test_locked_ones_and_all_else_are_the_administrators(site, package):
    grid = site.curate("POST", "grids", {"title": "Servers", "is_locked": True}, status=201)["id"]
    site.curate("PATCH", f"grids/{grid}", {"title": "Mine"}, user="ann", status=403)
    site.curate("PUT", f"grids/{grid}/packages/{package}", user="ann", status=403)
    site.curate("POST", "categories", {"title": "Tools"}, user="ann", status=403)
    site.curate("PATCH", f"packages/{package}", {"deprecated": True}, user="ann", status=403)


def test_the_page_of_the_administrators_says_who_changes_a_grid(site):
    site.curate("POST", "grids", {"title": "Open"}, status=201)
    site.curate("POST", "grids", {"title": "Closed", "is_locked": True}, status=201)
    page = site.ask("GET", "/admin/curation", user="boss").text
    rows = {title: page.split(f">{title}</a></th>")[1].split("</tr>")[0] for title in ("Open", "Closed")}
    assert "<td>administrators, keepers</td>" in rows["Open"]
    assert "<td>administrators</td>" in rows["Closed"]
