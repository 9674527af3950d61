"""Crates on pages for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from pypicloud_like.core.model import File, FileRecord, Project, ProjectRecord
from pypicloud_like.core.ports import Storage
from pypicloud_like.ecosystems.cargo.config import download_path, index_url
from pypicloud_like.ecosystems.cargo.directory import default_version
from pypicloud_like.ecosystems.cargo.metadata import README, with_id
from pypicloud_like.ecosystems.cargo.names import normalize, project_of, requested
from pypicloud_like.registry.curate import Facts
from pypicloud_like.registry.described import address
from pypicloud_like.registry.presented import MARKDOWN, PLAIN, Command, Need, Presented, Readme
from pypicloud_like.registry.semver import parse
from pypicloud_like.upstream.names import Normalize
from pypicloud_like.upstream.upstreams import Upstreams

REGISTRY = "here"
"""What the examples call this registry in cargo's configuration."""


class CratePresenter:
    """Reads the manifest (Cargo reference, "The Manifest Format")."""

    label = "Rust"

    def project(self, spelled: str) -> Project:
        """By any spelling of its name."""
        return requested(spelled)

    def page(self, name: str, version: str | None = None) -> str:
        """crates.io's addresses."""
        path = f"/crates/{quote(name, safe='')}"
        return path if version is None else f"{path}/{quote(version, safe='+')}"

    def newest_first(self, versions: Iterable[str]) -> Sequence[str]:
        """By Semantic Versioning."""
        return sorted(versions, key=parse, reverse=True)

    def chosen(self, files: Sequence[File]) -> str:
        """As crates.io chooses it."""
        file = default_version(files)
        assert file is not None
        return file.version

    def present(
        self, storage: Storage, files: Sequence[FileRecord], _record: ProjectRecord | None, /
    ) -> Presented:
        """A version is one file."""
        file = files[0]
        facts = file.facts
        return Presented(
            summary=str(facts.get("description") or ""),
            readme=partial(_readme, storage, file),
            links=tuple(_links(facts)),
            facts=tuple(_told(facts)),
            needs=tuple(_needs(facts)),
        )

    def file_page(self, file: File, /) -> str | None:
        """The address that cargo uses."""
        return download_path(file)

    def held(self, upstreams: Upstreams, project: Project, /) -> Sequence[FileRecord]:
        """Archives."""
        return upstreams.held_files(project, normalize)

    @property
    def normalize(self) -> Normalize:
        """Lower case, ``-`` as ``_``."""
        return normalize

    def install(self, name: str, version: str, _base: str, /) -> Sequence[Command]:
        """As a dependency, or as a program."""
        return (
            Command("cargo add", f"cargo add {name}@{version} --registry {REGISTRY}"),
            Command("cargo install", f"cargo install {name}@{version} --registry {REGISTRY}"),
            Command(
                "Cargo.toml",
                f'[dependencies]\n{name} = {{ version = "{version}", registry = "{REGISTRY}" }}',
            ),
        )

    def set_up(self, base: str) -> Sequence[Command]:
        """Once, in ``.cargo/config.toml``."""
        return (
            Command("registry", f'[registries.{REGISTRY}]\nindex = "{index_url(base)}"'),
            Command("log in", f"cargo login --registry {REGISTRY}"),
            Command("publish", f"cargo publish --registry {REGISTRY}"),
        )

    @property
    def yank_facts(self) -> Facts:
        """The number of a version outlasts its changes."""
        return with_id


def _readme(storage: Storage, file: FileRecord) -> Readme | None:
    blob = file.sidecars.get(README)
    if blob is None:
        return None
    with storage.open(blob.key) as source:
        text = source.read().decode("utf-8", "replace")
    name = str(file.facts.get("readme_file") or "README.md").lower()
    return Readme(text, PLAIN if name.endswith((".txt", ".rst", ".adoc")) else MARKDOWN)


def _links(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for label in ("homepage", "documentation", "repository"):
        url = address(facts.get(label))
        if url:
            yield label.capitalize(), url


def _told(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "License", str(facts.get("license") or facts.get("license_file") or "")
    yield "Rust version", str(facts.get("rust_version") or "")
    yield "Edition", str(facts.get("edition") or "")
    yield "Authors", ", ".join(facts.get("authors") or ())
    yield "Keywords", ", ".join(facts.get("keywords") or ())
    yield "Categories", ", ".join(facts.get("categories") or ())
    yield "Programs", ", ".join(facts.get("bin_names") or ())
    yield "Features", ", ".join(facts.get("features") or ())


def _needs(facts: Mapping[str, Any]) -> Iterator[Need]:
    for said in facts.get("deps") or ():
        name = str(said.get("package") or said["name"])
        kind = "" if said.get("kind") in {None, "normal"} else str(said["kind"])
        optional = "optional" if said.get("optional") else ""
        elsewhere = said.get("registry") is not None
        yield Need(
            name=name,
            requirement=str(said.get("req") or ""),
            group=", ".join(filter(None, [kind, optional, str(said.get("target") or "")])),
            project=None if elsewhere else project_of(name),
        )
