"""JSR packages on pages for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import File, FileRecord, Project, ProjectRecord
from pypicloud_like.core.ports import Storage
from pypicloud_like.ecosystems.jsr.modules import manifest_blob, parts, read_blob
from pypicloud_like.ecosystems.jsr.names import JSR, is_known_form, name_of, package_of
from pypicloud_like.ecosystems.jsr.npm.names import npm_name
from pypicloud_like.ecosystems.jsr.profile import profile_of
from pypicloud_like.ecosystems.jsr.upstream import held_manifests, same
from pypicloud_like.ecosystems.jsr.versions import latest_stable, newest_first
from pypicloud_like.registry import curate
from pypicloud_like.registry.curate import Facts
from pypicloud_like.registry.presented import MARKDOWN, PLAIN, Command, Need, Presented, Readme
from pypicloud_like.upstream.names import Normalize
from pypicloud_like.upstream.upstreams import Upstreams

_LONGEST_README = 512 * 1024


class JsrPresenter:
    """Reads what a version says (its manifest and facts), and what people say of the package."""

    label = "JSR"

    def project(self, spelled: str) -> Project:
        """By its name with the scope."""
        name = name_of(spelled)
        if name is None or not is_known_form(name):
            raise NotFound("package")
        return name.project

    def page(self, name: str, version: str | None = None) -> str:
        """jsr.io's addresses."""
        return f"/{name}" if version is None else f"/{name}@{quote(version, safe='+')}"

    def newest_first(self, versions: Iterable[str]) -> Sequence[str]:
        """By Semantic Versioning."""
        return newest_first(versions)

    def chosen(self, files: Sequence[File]) -> str:
        """The highest stable version that is not yanked, else the highest."""
        offered = [file.version for file in files if file.yanked is None]
        return latest_stable(offered) or newest_first(offered or [file.version for file in files])[0]

    def present(
        self, storage: Storage, files: Sequence[FileRecord], record: ProjectRecord | None, /
    ) -> Presented:
        """A version is one pack."""
        file, profile = files[0], profile_of(record)
        facts = file.facts
        runtimes = [name for name, runs in profile.runtimes.items() if runs]
        return Presented(
            summary=profile.description,
            readme=partial(_readme, storage, file),
            links=(("Repository", profile.repository_url),) if profile.repository else (),
            facts=(
                ("License", str(facts.get("license") or "")),
                ("Runs on", ", ".join(runtimes)),
                ("Exports", ", ".join(facts.get("exports") or ())),
            ),
            needs=tuple(_needs(facts)),
        )

    def file_page(self, _file: File, /) -> str | None:
        """Modules are fetched one by one."""
        return None

    def held(self, upstreams: Upstreams, project: Project, /) -> Sequence[FileRecord]:
        """Manifests: what says that there is a version."""
        return held_manifests(upstreams, project)

    @property
    def normalize(self) -> Normalize:
        """There is one spelling."""
        return same

    def install(self, name: str, version: str, base: str, /) -> Sequence[Command]:
        """With deno, npm, or in the source."""
        return (
            Command("deno", f"JSR_URL={base}/ deno add jsr:{name}@{version}"),
            Command(
                "npm",
                f"npm config set @jsr:registry {base}/npm/\n"
                f"npm install {name}@npm:{npm_name(package_of(Project(JSR, name)))}@{version}",
            ),
            Command("import", f'import * as it from "jsr:{name}@{version}";'),
        )

    def set_up(self, base: str) -> Sequence[Command]:
        """Once for all packages."""
        host = urlsplit(base).netloc
        return (
            Command("deno", f"export JSR_URL={base}/\nexport DENO_AUTH_TOKENS=TOKEN@{host}"),
            Command("npm", f"npm config set @jsr:registry {base}/npm/"),
            Command("publish", f"JSR_URL={base}/ deno publish"),
        )

    @property
    def yank_facts(self) -> Facts:
        """They stay."""
        return curate.as_they_were


def _readme(storage: Storage, file: FileRecord) -> Readme | None:
    path = file.facts.get("readme")
    if not isinstance(path, str):
        return None
    manifest = parts(read_blob(storage, manifest_blob(file)))
    part = next((part for part in manifest if part.path == path), None)
    if part is None or part.size > _LONGEST_README:
        return None
    with storage.open(file.blob.key, start=part.start, length=part.size) as source:
        text = source.read().decode("utf-8", "replace")
    return Readme(text, PLAIN if path.lower().endswith(".txt") else MARKDOWN)


def _needs(facts: Mapping[str, Any]) -> Iterator[Need]:
    for each in facts.get("dependencies") or ():
        name = str(each["name"])
        yield Need(
            name=name,
            requirement=str(each.get("constraint") or ""),
            group="" if each["kind"] == JSR else str(each["kind"]),
            project=Project(JSR, name) if each["kind"] == JSR else None,
        )
