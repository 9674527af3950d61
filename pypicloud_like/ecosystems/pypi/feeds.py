"""RSS 2.0 feeds of new releases and new projects.

Files are given in any order, visible ones that the reader may know of. ``base_url`` is the public URL
with the mount prefix, without a last slash: links in a feed have to be absolute.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from urllib.parse import quote

from pypicloud_like.core.model import File, Project
from pypicloud_like.registry.rss import Item, feed

NEWEST_RELEASES = 100
NEWEST_PROJECTS = 40
RELEASES_OF_PROJECT = 40
"""How many items each feed has at most."""


def updates_feed(files: Iterable[File], base_url: str) -> bytes:
    """The newest releases of all projects, newest first. A release is as old as its first file."""
    items = [
        _item(f"{file.project.name} {file.version}", _release_page(file, base_url), file)
        for file in _newest(files, lambda file: (file.project, file.version))[:NEWEST_RELEASES]
    ]
    return feed("Newest releases", f"{base_url}/", "The newest releases on this index", items)


def packages_feed(files: Iterable[File], base_url: str) -> bytes:
    """The newest projects, newest first. A project is as old as its first file."""
    items = [
        _item(file.project.name, _project_page(file.project, base_url), file)
        for file in _newest(files, lambda file: file.project)[:NEWEST_PROJECTS]
    ]
    return feed("Newest projects", f"{base_url}/", "The newest projects on this index", items)


def releases_feed(project: Project, files: Iterable[File], base_url: str) -> bytes:
    """The newest releases of one project, newest first."""
    items = [
        _item(file.version, _release_page(file, base_url), file)
        for file in _newest(files, lambda file: file.version)[:RELEASES_OF_PROJECT]
    ]
    title = f"Releases of {project.name}"
    return feed(title, _project_page(project, base_url), f"The newest releases of {project.name}", items)


def _newest(files: Iterable[File], group: Callable[[File], Hashable]) -> list[File]:
    """The first file of each group, the youngest group first."""
    first: dict[Hashable, File] = {}
    for file in files:
        key = group(file)
        if key not in first or _age(file) < _age(first[key]):
            first[key] = file
    return sorted(first.values(), key=_age, reverse=True)


def _age(file: File) -> tuple[object, ...]:
    return file.uploaded_at, file.project, file.filename


def _project_page(project: Project, base_url: str) -> str:
    return f"{base_url}/project/{quote(project.name, safe='')}/"


def _release_page(file: File, base_url: str) -> str:
    return f"{_project_page(file.project, base_url)}{quote(file.version, safe='')}/"


def _item(title: str, link: str, file: File) -> Item:
    return Item(title, link, file.summary or "", file.uploaded_at)
