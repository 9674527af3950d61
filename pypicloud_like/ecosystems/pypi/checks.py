"""An upload's checks in their order: what its form says, its digests, the file itself, their agreement.

Forms differ from client to client, so nothing is taken from them: the file is the truth, and all that is
said of it is optional but has to be true. No refusal may contain a phrase by which clients recognise
a file that is there already (``core/errors.py``: AlreadyExists).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.pypi.file_checks import MAX_SPECIFIER, METADATA_VERSIONS
from pypicloud_like.ecosystems.pypi.inspect import Inspection, inspect
from pypicloud_like.ecosystems.pypi.names import (
    SDIST,
    WHEEL,
    is_valid_name,
    normalize,
    parse_version,
    same_version,
)
from pypicloud_like.registry.archives.limits import shown

_DIGEST_FIELDS = {
    "md5": ("md5_digest", 32),
    "sha256": ("sha256_digest", 64),
    "blake2b_256": ("blake2_256_digest", 64),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The fields of an upload form that are compared with its file; None where nothing was said.

    ``digests`` are hexadecimal under ``md5``, ``sha256``, ``blake2b_256``, in lower case.
    """

    name: str | None = None
    version: str | None = None
    filetype: str | None = None
    pyversion: str | None = None
    protocol_version: str | None = None
    metadata_version: str | None = None
    requires_python: str | None = None
    digests: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> Claims:
        """Take the fields out of a form. An empty value and ``UNKNOWN`` say nothing."""

        def said(key: str) -> str | None:
            value = form.get(key, "").strip()
            return None if value in {"", "UNKNOWN"} else value

        digests = {name: said(key) for name, (key, _) in _DIGEST_FIELDS.items()}
        return cls(
            name=said("name"),
            version=said("version"),
            filetype=said("filetype"),
            pyversion=said("pyversion"),
            protocol_version=said("protocol_version"),
            metadata_version=said("metadata_version"),
            requires_python=said("requires_python"),
            digests={name: digest.lower() for name, digest in digests.items() if digest is not None},
        )


def check_protocol_version(claims: Claims) -> None:
    """There is one version of this upload protocol."""
    if claims.protocol_version not in (None, "1"):
        raise InvalidUpload("protocol_version", "the only version known here is 1")


def check_filetype(claims: Claims) -> None:
    """Eggs and installers are no longer uploaded (PEP 715, PEP 527)."""
    if claims.filetype not in (None, SDIST, WHEEL):
        raise InvalidUpload("filetype", f"must be {SDIST} or {WHEEL}")


def check_claimed_metadata_version(claims: Claims) -> None:
    """A published version of core metadata."""
    if claims.metadata_version not in (None, *METADATA_VERSIONS):
        raise InvalidUpload("metadata_version", f"must be one of {', '.join(METADATA_VERSIONS)}")


def check_claimed_name(claims: Claims) -> None:
    """A valid project name; look-alikes and full-width letters are refused, never folded."""
    if claims.name is not None and not is_valid_name(claims.name):
        raise InvalidUpload(
            "name", "starts and ends with an ASCII letter or digit, has only those and . _ - inside"
        )


def check_claimed_version(claims: Claims) -> None:
    """A version by PEP 440, a local part allowed."""
    if claims.version is not None and parse_version(claims.version) is None:
        raise InvalidUpload("version", f"{shown(claims.version)} is no PEP 440 version")


def check_digest_form(claims: Claims) -> None:
    """Digests are hexadecimal and whole."""
    for name, digest in claims.digests.items():
        key, length = _DIGEST_FIELDS[name]
        if len(digest) != length or digest.strip("0123456789abcdef"):
            raise InvalidUpload(key, f"must be {length} hexadecimal digits")


CLAIM_CHECKS: tuple[Callable[[Claims], None], ...] = (
    check_protocol_version,
    check_claimed_name,
    check_claimed_version,
    check_filetype,
    check_claimed_metadata_version,
    check_digest_form,
)
"""To be applied before the file is looked into."""


def check_digests(claims: Claims, found: Mapping[str, str]) -> None:
    """Every digest that the form gives is that of the bytes received.

    :param found: ``md5``, ``sha256``, ``blake2b_256`` of the bytes, hexadecimal
    :raises InvalidUpload: one is not, named by its form field
    """
    for name, digest in claims.digests.items():
        if name not in found or digest != found[name].lower():
            raise InvalidUpload(_DIGEST_FIELDS[name][0], "is not the digest of the bytes that were received")


def check_same_name(claims: Claims, inspection: Inspection) -> None:
    """The form's name is the file's, after normalisation."""
    if claims.name is not None and normalize(claims.name) != inspection.project:
        raise InvalidUpload(
            "name", f"the form says {shown(claims.name)}, the file {shown(inspection.display_name)}"
        )


def check_same_version(claims: Claims, inspection: Inspection) -> None:
    """The form's version is the file's, after normalisation."""
    if claims.version is not None and not same_version(claims.version, inspection.version):
        raise InvalidUpload(
            "version", f"the form says {shown(claims.version)}, the file {shown(inspection.version)}"
        )


def check_same_filetype(claims: Claims, inspection: Inspection) -> None:
    """The form's filetype is the file's."""
    if claims.filetype is not None and claims.filetype != inspection.kind:
        raise InvalidUpload("filetype", f"the form says {claims.filetype}, the file is a {inspection.kind}")


def check_same_pyversion(claims: Claims, inspection: Inspection) -> None:
    """An sdist's pyversion is ``source``, a wheel's is not. Which tag a wheel's form names is left open:
    clients write it in several ways, and the file's name settles it.
    """
    if claims.pyversion is not None and (claims.pyversion == "source") != (inspection.kind == SDIST):
        raise InvalidUpload("pyversion", f"{shown(claims.pyversion)} does not fit a {inspection.kind}")


def check_same_requires_python(claims: Claims, inspection: Inspection) -> None:
    """The form's Requires-Python is the file's, in whatever order and spacing."""
    if claims.requires_python is None:
        return
    said, found = claims.requires_python, inspection.requires_python or ""
    if len(said) > MAX_SPECIFIER:
        raise InvalidUpload("requires_python", f"longer than {MAX_SPECIFIER} characters")
    try:
        same = SpecifierSet(said) == SpecifierSet(found)
    except InvalidSpecifier:
        raise InvalidUpload("requires_python", f"{shown(said)} is no version specifier") from None
    if not same:
        raise InvalidUpload("requires_python", f"the form says {shown(said)}, the file {shown(found)}")


AGREEMENT_CHECKS: tuple[Callable[[Claims, Inspection], None], ...] = (
    check_same_filetype,
    check_same_pyversion,
    check_same_name,
    check_same_version,
    check_same_requires_python,
)
"""To be applied when the file has been inspected."""


def check_claims(claims: Claims) -> None:
    """Apply :data:`CLAIM_CHECKS`.

    :raises InvalidUpload: of the first that fails
    """
    for check in CLAIM_CHECKS:
        check(claims)


def check_agreement(claims: Claims, inspection: Inspection) -> None:
    """Apply :data:`AGREEMENT_CHECKS`.

    :raises InvalidUpload: of the first that fails
    """
    for agree in AGREEMENT_CHECKS:
        agree(claims, inspection)


def check_upload(
    filename: str,
    source: BinaryIO,
    size: int,
    *,
    claims: Claims,
    digests: Mapping[str, str],
    strict_sdist_names: bool = False,
) -> Inspection:
    """Apply all checks of an upload that need nothing but the upload.

    :param source: the bytes, seekable; ``size`` of them
    :param digests: ``md5``, ``sha256``, ``blake2b_256`` of these bytes, hexadecimal
    :raises InvalidUpload: of the first check that fails, with the field it is about
    """
    check_claims(claims)
    check_digests(claims, digests)
    inspection = inspect(filename, source, size, strict_sdist_names=strict_sdist_names)
    check_agreement(claims, inspection)
    return inspection
