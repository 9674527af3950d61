"""Fetching what requirements need before anybody asks for it: for an offline site, or to warm the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import RegistryError
from pypicloud_like.core.model import PYPI, Caller, FileRecord, Project
from pypicloud_like.ecosystems.pypi.names import WHEEL, normalize, parse_version
from pypicloud_like.ecosystems.pypi.releases import Release, releases
from pypicloud_like.ecosystems.pypi.simple import METADATA
from pypicloud_like.ecosystems.pypi.upstream import metadata_of, offer
from pypicloud_like.registry.serve import Answer, answer_for
from pypicloud_like.registry.services import Services

MOST_LINES = 5000
NOTHING_FITS = "no release fits"
_PURE = "-none-any.whl"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which files of a release are fetched."""

    wheels: bool = True
    """Wheels where there are any: the pure one, else those of all platforms. Otherwise the sdist."""
    prereleases: bool = False
    everything: bool = False
    """All files of the release."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of one requirement: the files held now, or why there are none."""

    requirement: str
    files: Sequence[FileRecord]
    problem: str = ""


def requirements_in(text: str) -> Iterator[tuple[str, Requirement | None]]:
    """The requirements of a requirements file, with how they are written; None for what is none.

    Options (``--hash``, ``-i``, ``-r``) and comments are left out, continued lines are joined. Markers are
    not evaluated: they are those of the machines that will install.
    """
    joined = text.replace("\\\r\n", " ").replace("\\\n", " ")
    for line in joined.splitlines():
        written = line.partition(" #")[0].partition(" --")[0].strip()
        if not written or written.startswith(("#", "-")):
            continue
        try:
            yield written, Requirement(written)
        except (InvalidRequirement, RecursionError):
            yield written, None


def fetch_all(
    services: Services,
    caller: Caller,
    wanted: Iterable[tuple[str, Requirement | None]],
    choice: Choice,
    *,
    progress: Callable[[str], None] = lambda _requirement: None,
) -> Iterator[Fetched]:
    """Fetch what each requirement needs, one after the other; one that fails does not stop the rest."""
    for written, requirement in wanted:
        progress(written)
        try:
            if requirement is None:
                yield Fetched(written, (), "is not a requirement")
            else:
                yield _fetch(services, caller, written, requirement, choice)
        except RegistryError as error:
            yield Fetched(written, (), str(error))


def _fetch(
    services: Services, caller: Caller, written: str, requirement: Requirement, choice: Choice
) -> Fetched:
    project = Project(PYPI, normalize(requirement.name))
    upstreams = services.upstreams
    if not services.guard.may(caller, Act.READ, project):
        return Fetched(written, (), NOTHING_FITS)  # as of a name that is nowhere
    answer = answer_for(services, caller, project, normalize)
    if upstreams is None or answer not in {Answer.FETCH, Answer.MERGED}:
        return Fetched(written, (), f"is not answered from an upstream ({answer})")
    found = offer(upstreams, project)
    release = _best(releases(found.files), requirement, choice) if found is not None else None
    if release is None:
        return Fetched(written, (), NOTHING_FITS)
    files = []
    for file in _chosen(release, choice):
        files.append(upstreams.fetch(file))
        if METADATA in file.sidecars:
            metadata_of(upstreams, services.storage, file)
    return Fetched(written, files)


def _best(
    known: Sequence[Release[FileRecord]], requirement: Requirement, choice: Choice
) -> Release[FileRecord] | None:
    """The newest release that fits; a yanked one only for an exact pin (PEP 592), a pre-release only if
    asked for or if there is nothing else (PEP 440).
    """
    versions: dict[Version, Release[FileRecord]] = {}
    exact = any(specifier.operator in {"==", "==="} for specifier in requirement.specifier)
    for release in known:
        version = parse_version(release.version)
        if version is not None and (exact or not release.is_yanked):
            versions[version] = release
    allowed = True if choice.prereleases else None
    fitting = list(requirement.specifier.filter(versions, prereleases=allowed))
    return versions[max(fitting)] if fitting else None


def _chosen(release: Release[FileRecord], choice: Choice) -> Sequence[FileRecord]:
    if choice.everything:
        return release.files
    wheels = [file for file in release.files if file.kind == WHEEL]
    pure = [file for file in wheels if file.filename.endswith(_PURE)]
    others = [file for file in release.files if file.kind != WHEEL]
    if choice.wheels:
        return pure or wheels or others
    return others or wheels
