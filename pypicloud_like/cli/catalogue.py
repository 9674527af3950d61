"""``catalogue``: categories, grids with their features and cells, and what is said of packages. Things are
named by id or slug.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterable
from typing import Any

from pypicloud_like import assembly
from pypicloud_like.catalogue.curating import Curator
from pypicloud_like.catalogue.lookup import Unmatched
from pypicloud_like.catalogue.shelf import Package
from pypicloud_like.catalogue.snapshot import EVERYTHING, Catalogue
from pypicloud_like.cli import configuration
from pypicloud_like.cli.opening import opened
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.ports import Category, Grid

Action = Callable[[Curator, Namespace], None]

_CATEGORY = ("title", "slug", "title_plural", "description", "show_pypi")
_GRID = ("title", "slug", "description", "header", "is_locked")
_FEATURE = ("title", "description")
"""What may be said of one of them."""


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    things = parser.add_subparsers(dest="thing", metavar="THING", required=True)
    for name, text, fill in (
        ("categories", "kinds of packages", _categories),
        ("packages", "what is said of packages, and packages from outside", _packages),
        ("grids", "comparisons of packages", _grids),
        ("features", "the rows of a grid, and their cells", _features),
    ):
        fill(
            things.add_parser(name, help=text).add_subparsers(dest="action", metavar="ACTION", required=True)
        )


def run(args: Namespace) -> int:
    """Do what was asked."""
    with opened(args) as services:
        catalogue = Catalogue(assembly.describers(), prefix=services.settings.catalogue.search_prefix)
        view = catalogue.view(services, dict.fromkeys(catalogue.ecosystems, EVERYTHING))
        try:
            args.act(Curator(services.curation, view, actor=None), args)
        except Unmatched as error:
            raise NotFound(f"The {error.what.lower()} {error.key!r}") from error
    return 0


def _categories(actions: Any) -> None:
    _action(actions, "list", _list_categories, "list all, the oldest first")
    add = _action(actions, "add", _add_category, "make one", "title")
    change = _action(actions, "change", _change_category, "change one", "category")
    change.add_argument("--title")
    for each in (add, change):
        each.add_argument("--slug", help="its name in addresses (default: made of the title)")
        each.add_argument("--plural", dest="title_plural", metavar="TITLE")
        each.add_argument("--description")
        _add_flag(each, "--show-pypi", "whether versions and downloads are shown for this kind")
    _action(actions, "remove", _remove_category, "remove one that has no packages", "category")


def _packages(actions: Any) -> None:
    listing = _action(actions, "list", _list_packages, "list all, or those that a search finds")
    listing.add_argument("words", nargs="?", help="what to look for")
    add = _action(actions, "add", _add_package, "add one from outside, to compare with", "title")
    add.add_argument("--category", required=True)
    add.add_argument("--slug", help="its name in addresses (default: made of the title)")
    change = _action(actions, "change", _change_package, "say something of one", "package")
    change.add_argument("--title")
    change.add_argument("--category")
    for each in (add, change):
        each.add_argument("--repo-url", metavar="URL")
        each.add_argument("--documentation-url", metavar="URL")
    _add_flag(change, "--deprecated", "whether people should look for another one")
    change.add_argument(
        "--forget",
        action="append",
        default=[],
        choices=("title", "repo_url", "documentation_url"),
        help="go back to what its own metadata says; may be repeated",
    )
    _action(actions, "remove", _remove_package, "remove one from outside", "package")


def _grids(actions: Any) -> None:
    _action(actions, "list", _list_grids, "list all, the oldest first")
    _action(actions, "show", _show_grid, "show one as a table", "grid")
    add = _action(actions, "add", _add_grid, "make one", "title")
    change = _action(actions, "change", _change_grid, "change one", "grid")
    change.add_argument("--title")
    for each in (add, change):
        each.add_argument("--slug", help="its name in addresses (default: made of the title)")
        each.add_argument("--description")
        _add_flag(each, "--header", "whether it is among the grids that are shown first")
        _add_flag(each, "--locked", "whether administrators alone may change it", name="is_locked")
    _action(actions, "remove", _remove_grid, "remove one with its features and cells", "grid")
    for name, act, text in (
        ("put", _put, "put packages into one"),
        ("take", _take, "take packages out of one, with their cells"),
    ):
        _action(actions, name, act, text, "grid").add_argument("package", nargs="+")


def _features(actions: Any) -> None:
    _action(actions, "list", _list_features, "list those of a grid", "grid")
    add = _action(actions, "add", _add_feature, "add one to a grid", "grid", "title")
    change = _action(actions, "change", _change_feature, "change one", "grid", "feature")
    change.add_argument("--title")
    for each in (add, change):
        each.add_argument("--description")
    _action(actions, "remove", _remove_feature, "remove one with its cells", "grid", "feature")
    _action(actions, "cell", _write_cell, "write a cell", "grid", "feature", "package", "text")


def _action(actions: Any, name: str, act: Action, text: str, *named: str) -> ArgumentParser:
    parser: ArgumentParser = actions.add_parser(name, help=text)
    for each in named:
        parser.add_argument(each)
    configuration.add_arguments(parser)
    parser.set_defaults(act=act)
    return parser


def _add_flag(parser: ArgumentParser, option: str, text: str, *, name: str | None = None) -> None:
    dest = name or option.strip("-").replace("-", "_")
    parser.add_argument(option, type=_yes_or_no, metavar="yes|no", help=text, dest=dest)


def _yes_or_no(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ArgumentTypeError("must be yes or no")
    return text == "yes"


def _said(args: Namespace, *names: str) -> dict[str, Any]:
    """What was given of these."""
    return {name: getattr(args, name) for name in names if getattr(args, name) is not None}


def _list_categories(curator: Curator, _args: Namespace) -> None:
    for each in reversed(curator.view.categories):
        _print(each.id, each.slug, each.title, each.ecosystem or "")


def _add_category(curator: Curator, args: Namespace) -> None:
    _tell_of("Added the category", curator.add_category(_said(args, *_CATEGORY)))


def _change_category(curator: Curator, args: Namespace) -> None:
    _tell_of("Changed the category", curator.change_category(args.category, _said(args, *_CATEGORY)))


def _remove_category(curator: Curator, args: Namespace) -> None:
    curator.remove_category(args.category)
    print(f"Removed the category {args.category}")


def _list_packages(curator: Curator, args: Namespace) -> None:
    view = curator.view
    found: Iterable[Package] = reversed(view.packages) if args.words is None else view.matching(args.words)
    titles = {category.id: category.slug for category in view.categories}
    for each in found:
        row = each.listed
        version = each.told.version if each.told else None
        project = str(row.project) if row.project else "from outside"
        notes = "deprecated" if each.deprecated else ""
        _print(row.id, row.slug, each.title, project, version or "", titles[row.category], notes)


def _add_package(curator: Curator, args: Namespace) -> None:
    made = curator.add_package(_said(args, "title", "category", "slug", "repo_url", "documentation_url"))
    print(f"Added the package {made.slug} ({made.id})")


def _change_package(curator: Curator, args: Namespace) -> None:
    said = _said(args, "title", "category", "repo_url", "documentation_url", "deprecated")
    made = curator.change_package(args.package, {**dict.fromkeys(args.forget), **said})
    print(f"Changed the package {made.slug} ({made.id})")


def _remove_package(curator: Curator, args: Namespace) -> None:
    curator.remove_package(args.package)
    print(f"Removed the package {args.package}")


def _list_grids(curator: Curator, _args: Namespace) -> None:
    for each in reversed(curator.view.grids):
        notes = [word for word, holds in (("header", each.header), ("locked", each.locked)) if holds]
        _print(each.id, each.slug, each.title, f"{len(each.packages)} packages", " ".join(notes))


def _show_grid(curator: Curator, args: Namespace) -> None:
    grid = curator.grid(args.grid)
    packages = curator.view.members(grid)
    _print("", *(each.listed.slug for each in packages))
    for feature in curator.features(grid).values():
        _print(feature.title, *(feature.cells.get(each.listed.id, "") for each in packages))


def _add_grid(curator: Curator, args: Namespace) -> None:
    _tell_of("Added the grid", curator.add_grid(_said(args, *_GRID)))


def _change_grid(curator: Curator, args: Namespace) -> None:
    _tell_of("Changed the grid", curator.change_grid(args.grid, _said(args, *_GRID)))


def _remove_grid(curator: Curator, args: Namespace) -> None:
    curator.remove_grid(args.grid)
    print(f"Removed the grid {args.grid}")


def _put(curator: Curator, args: Namespace) -> None:
    _place(curator, args, there=True)
    print(f"Put {' '.join(args.package)} into the grid {args.grid}")


def _take(curator: Curator, args: Namespace) -> None:
    _place(curator, args, there=False)
    print(f"Took {' '.join(args.package)} out of the grid {args.grid}")


def _place(curator: Curator, args: Namespace, *, there: bool) -> None:
    for each in args.package:  # all of them are there, or nothing is done
        curator.package(each)
    for each in args.package:
        curator.place(args.grid, each, there=there)


def _list_features(curator: Curator, args: Namespace) -> None:
    for each in curator.features(curator.grid(args.grid)).values():
        _print(each.id, each.title, each.description, f"{len(each.cells)} cells")


def _add_feature(curator: Curator, args: Namespace) -> None:
    made = curator.add_feature(args.grid, _said(args, *_FEATURE))
    print(f"Added the feature {made.id} to the grid {args.grid}")


def _change_feature(curator: Curator, args: Namespace) -> None:
    made = curator.change_feature(args.grid, args.feature, _said(args, *_FEATURE))
    print(f"Changed the feature {made.id} of the grid {args.grid}")


def _remove_feature(curator: Curator, args: Namespace) -> None:
    curator.remove_feature(args.grid, args.feature)
    print(f"Removed the feature {args.feature} of the grid {args.grid}")


def _write_cell(curator: Curator, args: Namespace) -> None:
    curator.write_cell(args.grid, args.feature, args.package, {"text": args.text})
    print(f"Wrote the cell of {args.package} in the grid {args.grid}")


def _tell_of(done: str, thing: Category | Grid) -> None:
    print(f"{done} {thing.slug} ({thing.id})")


def _print(*columns: object) -> None:
    """One line, whatever texts people wrote into it."""
    print("\t".join(" ".join(str(column).split()) for column in columns))
