"""Python projects on pages for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from packaging.requirements import InvalidRequirement, Requirement

from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import PYPI, File, FileRecord, Project, ProjectRecord
from pypicloud_like.core.ports import Storage
from pypicloud_like.ecosystems.pypi.names import is_valid_name, normalize, sort_key
from pypicloud_like.ecosystems.pypi.releases import project_release, releases, spokesman_of
from pypicloud_like.ecosystems.pypi.simple import file_path
from pypicloud_like.ecosystems.pypi.upstream import held_files
from pypicloud_like.registry import curate
from pypicloud_like.registry.curate import Facts
from pypicloud_like.registry.described import address
from pypicloud_like.registry.presented import MARKDOWN, PLAIN, RST, Command, Need, Presented, Readme
from pypicloud_like.upstream.names import Normalize
from pypicloud_like.upstream.upstreams import Upstreams

_LONGEST_LICENSE = 100
_LONGEST_NEED = 2000
_MOST_NEEDS = 500


class PythonPresenter:
    """Reads core metadata (https://packaging.python.org/specifications/core-metadata/)."""

    label = "Python"

    def project(self, spelled: str) -> Project:
        """By any spelling of its name."""
        if not is_valid_name(spelled):
            raise NotFound("project")
        return Project(PYPI, normalize(spelled))

    def page(self, name: str, version: str | None = None) -> str:
        """PyPI's addresses."""
        path = f"/project/{quote(name, safe='')}/"
        return path if version is None else f"{path}{quote(version, safe='')}/"

    def newest_first(self, versions: Iterable[str]) -> Sequence[str]:
        """By PEP 440."""
        return sorted(versions, key=sort_key, reverse=True)

    def chosen(self, files: Sequence[File]) -> str:
        """As PyPI chooses it."""
        release = project_release(releases(files))
        assert release is not None
        return release.version

    def present(
        self, _storage: Storage, files: Sequence[FileRecord], _record: ProjectRecord | None, /
    ) -> Presented:
        """By the file that speaks for it."""
        file = spokesman_of(files)
        facts = file.facts
        return Presented(
            summary=file.summary or "",
            readme=partial(_readme, facts),
            links=tuple(_links(facts)),
            facts=tuple(_told(file)),
            needs=tuple(_needs(facts)),
        )

    def file_page(self, file: File, /) -> str | None:
        """The address that installers use."""
        return file_path("", file.project.name, file.filename)

    def held(self, upstreams: Upstreams, project: Project, /) -> Sequence[FileRecord]:
        """Distributions, with the yanks told since."""
        return held_files(upstreams, project)

    @property
    def normalize(self) -> Normalize:
        """PEP 503."""
        return normalize

    def install(self, name: str, version: str, base: str, /) -> Sequence[Command]:
        """With pip, uv, poetry."""
        return (
            Command("pip", f"pip install --index-url {base}/simple/ {name}=={version}"),
            Command("uv", f"uv add --default-index {base}/simple/ {name}=={version}"),
            Command(
                "poetry",
                f"poetry source add --priority=primary here {base}/simple/\n"
                f"poetry add --source here {name}@{version}",
            ),
        )

    def set_up(self, base: str) -> Sequence[Command]:
        """Once for all projects."""
        return (
            Command("pip", f"pip config set global.index-url {base}/simple/"),
            Command("uv", f"export UV_DEFAULT_INDEX={base}/simple/"),
            Command("poetry", f"poetry source add --priority=primary here {base}/simple/"),
            Command("publish", f"twine upload --repository-url {base}/simple/ dist/*"),
        )

    @property
    def yank_facts(self) -> Facts:
        """They stay."""
        return curate.as_they_were


def requirements(facts: Mapping[str, Any]) -> Iterator[Requirement]:
    """What a release needs; what cannot be read is left out."""
    for text in facts.get("requires_dist", ())[:_MOST_NEEDS]:
        if len(text) > _LONGEST_NEED:
            continue
        try:
            yield Requirement(text)
        except (InvalidRequirement, RecursionError):  # brackets of a marker may stand in one another
            continue


def _needs(facts: Mapping[str, Any]) -> Iterator[Need]:
    for each in requirements(facts):
        extras = f"[{','.join(sorted(each.extras))}]" if each.extras else ""
        yield Need(
            name=each.name + extras,
            requirement=str(each.specifier) or (f"@ {each.url}" if each.url else ""),
            group=str(each.marker) if each.marker else "",
            project=Project(PYPI, normalize(each.name)),
        )


def _readme(facts: Mapping[str, Any]) -> Readme | None:
    text = facts.get("description")
    if not isinstance(text, str) or not text.strip():
        return None
    kind = str(facts.get("description_content_type") or RST).partition(";")[0].strip().lower()
    return Readme(text, kind if kind in {MARKDOWN, RST, PLAIN} else PLAIN)


def _links(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    home = address(facts.get("home_page"))
    if home:
        yield "Homepage", home
    told = facts.get("project_urls")
    for label, url in told.items() if isinstance(told, Mapping) else ():
        if address(url) and address(url) != home:
            yield str(label), address(url)


def _told(file: FileRecord) -> Iterator[tuple[str, str]]:
    facts = file.facts
    license_ = facts.get("license_expression") or str(facts.get("license") or "").partition("\n")[0]
    yield "License", str(license_)[:_LONGEST_LICENSE]
    yield "Requires Python", file.requires_python or ""
    yield "Author", str(facts.get("author") or facts.get("author_email") or "")
    yield "Maintainer", str(facts.get("maintainer") or facts.get("maintainer_email") or "")
    keywords = facts.get("keywords") or ()
    yield "Keywords", keywords if isinstance(keywords, str) else ", ".join(map(str, keywords))
    yield "Extras", ", ".join(map(str, facts.get("provides_extra") or ()))
