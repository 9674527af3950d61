"""Names of Python projects, versions and files, and what may exist once in a project."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from packaging.version import InvalidVersion, Version

from pypicloud_like.core.errors import InvalidUpload

SDIST = "sdist"
WHEEL = "bdist_wheel"
EGG = "bdist_egg"
INSTALLER = "bdist_wininst"
MSI = "bdist_msi"

MAX_FILENAME = 255 - len(".metadata")
"""A file system's longest name, less what the name of the metadata file beside a wheel adds (PEP 658)."""
MAX_VERSION = 200

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_SEPARATORS = re.compile(r"[-_.]+")
_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*")
_BUILD = re.compile(r"([0-9]+)((?:[A-Za-z._][A-Za-z0-9._]*)?)")
_PYTHON_TAGS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_TAGS = re.compile(r"[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*")
_EGG_PYTHON = re.compile(r"py([0-9]+(?:\.[0-9]+)?)")
_INSTALLER_PLATFORM = re.compile(
    r"\.(win32|win-amd64|win-arm32|win-arm64|win-ia64)(?:-py([0-9]+\.[0-9]+))?\Z"
)

_UPLOADED = {".whl": WHEEL, ".tar.gz": SDIST, ".zip": SDIST}
_OLDER = {
    ".tar.bz2": SDIST,
    ".tar.xz": SDIST,
    ".tar.z": SDIST,
    ".tgz": SDIST,
    ".tar": SDIST,
    ".egg": EGG,
    ".exe": INSTALLER,
    ".msi": MSI,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedName:
    """A file name taken apart.

    ``written_name`` and ``version`` are as in the file name, ``name`` is normalised. ``python_version``
    is what listings call it: ``source``, the python tag of a wheel, ``2.7`` or ``any`` for older kinds.
    ``identity`` is what may exist once in the project.
    """

    filename: str
    kind: str
    extension: str
    name: str
    written_name: str
    version: str
    python_version: str
    identity: str


def normalize(name: str) -> str:
    """The normalised form of a project name (PEP 503); of a valid name, the only one that is compared."""
    return _SEPARATORS.sub("-", name).lower()


def is_valid_name(name: str) -> bool:
    """Whether a text may be the name of a project (PEP 508): ASCII letters, digits, ``._-`` inside."""
    return _NAME.fullmatch(name) is not None


def parse_version(text: str) -> Version | None:
    """The PEP 440 version a text stands for, or None."""
    if len(text) > MAX_VERSION or not text.isascii():
        return None
    try:
        return Version(text)
    except (InvalidVersion, ValueError):
        return None


def canonical_version(text: str) -> str:
    """One spelling for all equal versions: normalised by PEP 440, trailing zeros of the release cut
    down to ``major.minor``; epoch and local part are kept. A legacy string is only lower-cased.
    """
    version = parse_version(text)
    if version is None:
        return text.lower()
    release = list(version.release)
    while len(release) > 2 and release[-1] == 0:
        release.pop()
    if len(release) == 1:
        release.append(0)
    epoch = f"{version.epoch}!" if version.epoch else ""
    pre = "".join(map(str, version.pre or ()))
    post = "" if version.post is None else f".post{version.post}"
    dev = "" if version.dev is None else f".dev{version.dev}"
    local = f"+{version.local}" if version.local else ""
    return epoch + ".".join(map(str, release)) + pre + post + dev + local


def same_version(one: str, other: str) -> bool:
    """Whether two spellings mean the same version."""
    return canonical_version(one) == canonical_version(other)


def sort_key(version: str) -> tuple[int, Version, str]:
    """Orders versions by PEP 440; legacy strings come below all valid ones, among themselves by text."""
    parsed = parse_version(version)
    return (0, Version("0"), version) if parsed is None else (1, parsed, "")


def identity(
    kind: str, version: str, *, build: str = "", tags: tuple[str, str, str] | None = None, filename: str = ""
) -> str:
    """What may exist once in a project: an sdist of a version whatever its extension; a wheel of a
    version, build and set of tags whatever their order. Older kinds go by their file name.

    :param tags: python, ABI and platform tag of a wheel, each possibly compressed (PEP 425)
    """
    if kind == SDIST:
        return f"{canonical_version(version)}.sdist"
    if kind == WHEEL and tags is not None:
        expanded = (".".join(sorted(set(tag.lower().split(".")))) for tag in tags)
        parts = [canonical_version(version), _canonical_build(build), *expanded]
        return "-".join(part for part in parts if part) + ".whl"
    return filename.lower()


def check_filename(filename: str) -> None:
    """Refuse every name that is not plain, short ASCII: separators, control and invisible characters,
    leading or trailing dots, drive letters and ``..`` have no place in the name of a distribution.

    :raises InvalidUpload: it is not acceptable as the name of any file
    """
    if not filename:
        raise InvalidUpload("filename", "the file has no name")
    if len(filename) > MAX_FILENAME:
        raise InvalidUpload("filename", f"longer than {MAX_FILENAME} characters")
    if _FILENAME.fullmatch(filename) is None or filename.endswith(".") or ".." in filename:
        raise InvalidUpload(
            "filename", f"only ASCII letters, digits and . _ + ! - may stand in it: {filename!a}"
        )


def parse_filename(filename: str, *, project: str | None = None, older_kinds: bool = False) -> ParsedName:
    """Take the name of a file apart.

    :param project: the normalised name of the project, if it is known; settles where the name of an
        sdist ends and its version starts
    :param older_kinds: accept what may be adopted but no longer uploaded: eggs, installers,
        ``.tar.bz2``, versions that PEP 440 does not know
    :raises InvalidUpload: no kind of distribution is called so
    """
    check_filename(filename)
    extension, kind = _kind(filename, older_kinds=older_kinds)
    stem = filename[: -len(extension)]
    if kind == WHEEL:
        parsed = _parse_wheel(filename, stem, older_kinds=older_kinds)
    elif kind == SDIST:
        written, version = split_stem(stem, project=project, any_version=older_kinds)
        parsed = _named(
            filename, kind=kind, extension=extension, written=written, version=version, python="source"
        )
    elif kind == EGG:
        parsed = _parse_egg(filename, stem, project)
    else:
        parsed = _parse_installer(filename, kind, extension, stem, project)
    if not is_valid_name(parsed.written_name):
        raise InvalidUpload("filename", f"no valid project name in {filename!a}")
    return replace(parsed, name=normalize(parsed.written_name))


def split_stem(stem: str, *, project: str | None = None, any_version: bool = False) -> tuple[str, str]:
    """Split ``name-version`` where the version is valid, from the right, and where the name is that of
    the project if one is given and fits.

    :raises InvalidUpload: there is no such place
    """
    places = [at for at, character in enumerate(stem) if character == "-"]
    splits = [(stem[:at], stem[at + 1 :]) for at in reversed(places) if is_valid_name(stem[:at])]
    valid = [split for split in splits if parse_version(split[1]) is not None]
    if project is not None:
        ours = [split for split in (valid or splits) if normalize(split[0]) == project]
        if not ours and any_version:
            ours = [split for split in splits if normalize(split[0]) == project]
        if ours:
            return ours[0]
    if valid:
        return valid[0]
    if any_version and splits:
        numbered = [split for split in splits if split[1][:1].isdigit()]
        return numbered[-1] if numbered else splits[0]
    raise InvalidUpload("filename", f"is not NAME-VERSION with a version by PEP 440: {stem!a}")


def _kind(filename: str, *, older_kinds: bool) -> tuple[str, str]:
    for extension, kind in _UPLOADED.items():
        if filename.endswith(extension):
            return extension, kind
    for extension, kind in _OLDER.items():
        if older_kinds and filename.lower().endswith(extension):
            return filename[-len(extension) :], kind
    raise InvalidUpload("filename", f"must end in .whl, .tar.gz or .zip: {filename!a}")


def _named(
    filename: str, *, kind: str, extension: str, written: str, version: str, python: str
) -> ParsedName:
    return ParsedName(
        filename=filename,
        kind=kind,
        extension=extension,
        name="",
        written_name=written,
        version=version,
        python_version=python,
        identity=identity(kind, version, filename=filename),
    )


def _parse_wheel(filename: str, stem: str, *, older_kinds: bool) -> ParsedName:
    """``name-version(-build)?-python-abi-platform`` (the wheel specification)."""
    parts = stem.split("-")
    if len(parts) not in (5, 6):
        raise InvalidUpload(
            "filename", f"a wheel is called NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl: {filename!a}"
        )
    name, version, (python, abi, platform) = parts[0], parts[1], parts[-3:]
    build = parts[2] if len(parts) == 6 else ""
    if build and _BUILD.fullmatch(build) is None:
        raise InvalidUpload("filename", f"the build tag of a wheel starts with a digit: {filename!a}")
    if not (_PYTHON_TAGS.fullmatch(python) and _TAGS.fullmatch(abi) and _TAGS.fullmatch(platform)):
        raise InvalidUpload("filename", f"malformed tags: {filename!a}")
    if parse_version(version) is None:
        version = version.replace("_", "-")  # how old tools escaped a dash; installers no longer undo it
        if not older_kinds:
            raise InvalidUpload("filename", f"no version by PEP 440 in {filename!a}")
    if "__" in name and not older_kinds:
        raise InvalidUpload("filename", f"installers do not accept __ in the name part: {filename!a}")
    parsed = _named(filename, kind=WHEEL, extension=".whl", written=name, version=version, python=python)
    return replace(parsed, identity=identity(WHEEL, version, build=build, tags=(python, abi, platform)))


def _parse_egg(filename: str, stem: str, project: str | None) -> ParsedName:
    """``name-version-py2.7(-platform)``, with dashes inside name and version written as ``_``."""
    parts = stem.split("-")
    for at, part in enumerate(parts[2:], start=2):
        python = _EGG_PYTHON.fullmatch(part)
        if python:
            written, version = split_stem("-".join(parts[:at]), project=project, any_version=True)
            return _named(
                filename, kind=EGG, extension=".egg", written=written, version=version, python=python[1]
            )
    written, version = split_stem(stem, project=project, any_version=True)
    return _named(filename, kind=EGG, extension=".egg", written=written, version=version, python="any")


def _parse_installer(filename: str, kind: str, extension: str, stem: str, project: str | None) -> ParsedName:
    """``name-version.win32(-py2.7)``"""
    platform = _INSTALLER_PLATFORM.search(stem)
    python = "any"
    if platform:
        stem, python = stem[: platform.start()], platform[2] or "any"
    written, version = split_stem(stem, project=project, any_version=True)
    return _named(filename, kind=kind, extension=extension, written=written, version=version, python=python)


def _canonical_build(build: str) -> str:
    parts = _BUILD.fullmatch(build)
    return (parts[1].lstrip("0") or "0") + parts[2].lower() if parts else build.lower()
