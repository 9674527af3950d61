"""What the catalogue's addresses do, for its OpenAPI document."""

from __future__ import annotations

from pypicloud_like.catalogue import shapes
from pypicloud_like.catalogue.views import admin, api
from pypicloud_like.catalogue.views.common import DIALECT, add_slash, options
from pypicloud_like.http.openapi.operations import Operation, System

_READING = (404, 406)
_CHANGING = (404, 409)

_READ = {
    api.root: Operation("Where the lists are", {200: shapes.Root, 304: None}, _READING, shapes.Format),
    api.categories: Operation(
        "The categories", {200: shapes.CategoryPage, 304: None}, _READING, shapes.Window
    ),
    api.category: Operation(
        "A category by its id", {200: shapes.CatalogueCategory, 304: None}, _READING, shapes.Format
    ),
    api.grids: Operation("The grids", {200: shapes.GridPage, 304: None}, _READING, shapes.Window),
    api.grid: Operation(
        "A grid by its id or slug", {200: shapes.CatalogueGrid, 304: None}, _READING, shapes.Format
    ),
    api.packages: Operation("The packages", {200: shapes.PackagePage, 304: None}, _READING, shapes.Window),
    api.package: Operation(
        "A package by its id or slug", {200: shapes.CataloguePackage, 304: None}, _READING, shapes.Format
    ),
    api.search: Operation(
        "Packages and grids, the heaviest first, at most twenty",
        {200: list[shapes.Found], 304: None},
        _READING,
        shapes.Query,
    ),
    options: Operation("The methods of an address", {204: None}),
}

_CURATE = {
    admin.add_category: Operation(
        "Make a category", {201: shapes.CatalogueCategory}, _CHANGING, body=shapes.NewCategory
    ),
    admin.change_category: Operation(
        "Change a category", {200: shapes.CatalogueCategory}, _CHANGING, body=shapes.CategoryChange
    ),
    admin.remove_category: Operation("Remove a category without packages", {200: None}, _CHANGING),
    admin.add_package: Operation(
        "List a package from outside, to compare with",
        {201: shapes.CataloguePackage},
        _CHANGING,
        body=shapes.NewPackage,
    ),
    admin.change_package: Operation(
        "Say something of a package, or take it back",
        {200: shapes.CataloguePackage},
        _CHANGING,
        body=shapes.PackageChange,
    ),
    admin.remove_package: Operation("Remove a package from outside", {200: None}, _CHANGING),
    admin.add_grid: Operation("Make a grid", {201: shapes.CuratedGrid}, _CHANGING, body=shapes.NewGrid),
    admin.get_grid: Operation("A grid with its rows", {200: shapes.CuratedGrid}, (403,)),
    admin.change_grid: Operation(
        "Change a grid", {200: shapes.CuratedGrid}, _CHANGING, body=shapes.GridChange
    ),
    admin.remove_grid: Operation("Remove a grid with its rows", {200: None}, _CHANGING),
    admin.place: Operation("Put a package into a grid", {200: None}, _CHANGING),
    admin.take_out: Operation("Take a package out of a grid", {200: None}, _CHANGING),
    admin.add_feature: Operation(
        "Add a row to a grid", {201: shapes.GridFeature}, _CHANGING, body=shapes.NewFeature
    ),
    admin.change_feature: Operation(
        "Change a row", {200: shapes.GridFeature}, _CHANGING, body=shapes.FeatureChange
    ),
    admin.remove_feature: Operation("Remove a row with its cells", {200: None}, _CHANGING),
    admin.write_cell: Operation(
        "Say something of a package in a row", {200: None}, _CHANGING, body=shapes.Cell
    ),
    admin.use: Operation("Say that one uses a package", {200: None}),
    admin.use_no_more: Operation("Take that back", {200: None}),
}

CATALOGUE = System(
    name="catalogue",
    title="Catalogue",
    about="The Django Packages API v4 over what this index holds, for reading, and what administrators add to"
    " it below `/admin/catalogue`. What a caller may not read is nowhere in the answers.",
    operations={**_READ, **_CURATE},
    apart={add_slash: "a redirect to the address with its last slash"},
    errors={DIALECT: shapes.CatalogueError},
    parameters={
        "id": "An id; for curating a slug too.",
        "key": "An id or a slug.",
        "feature": "The id of a row.",
        "package": "The id or the slug of a package.",
    },
)
