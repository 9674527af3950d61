"""Attestations as they are uploaded, provenance as it is served (PEP 740).

Signatures are kept and passed on, not verified: whoever installs verifies them against the identity
they trust. What is checked is that each attestation is about this very file.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from pypicloud_like.core.errors import InvalidUpload

PREDICATES = frozenset({"https://docs.pypi.org/attestations/publish/v1", "https://slsa.dev/provenance/v1"})
MOST = 2
_FIELD = "attestations"


def provenance_of(sent: str, *, filename: str, sha256: str, publisher: str | None) -> bytes:
    """The provenance object for the ``attestations`` field of an upload, as JSON.

    :param publisher: the user who uploaded
    :raises InvalidUpload: the field is malformed, or an attestation is about another file
    """
    try:
        attestations = json.loads(sent, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidUpload(_FIELD, "is not JSON") from error
    if not isinstance(attestations, list) or not 0 < len(attestations) <= MOST:
        raise InvalidUpload(_FIELD, f"must be a list of 1 to {MOST} attestations")
    kinds = [_predicate(each, filename, sha256) for each in attestations]
    if len(set(kinds)) != len(kinds):
        raise InvalidUpload(_FIELD, "has two attestations of one kind")
    bundle = {"publisher": {"kind": "Account", "claims": {"user": publisher}}, "attestations": attestations}
    return json.dumps({"version": 1, "attestation_bundles": [bundle]}, sort_keys=True).encode()


def _refuse_constant(word: str) -> None:
    """``NaN`` and ``Infinity`` are no JSON, and would be passed on in the provenance."""
    raise ValueError(word)


def _predicate(attestation: object, filename: str, sha256: str) -> str:
    match attestation:
        case {
            "version": 1,
            "verification_material": {"certificate": str(), "transparency_entries": [_, *_]},
            "envelope": {"statement": str(encoded), "signature": str()},
        }:
            statement = _statement(encoded)
        case _:
            raise InvalidUpload(_FIELD, "is not an attestation of version 1")
    match statement:
        case {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": str(name), "digest": {"sha256": str(digest)}}],
            "predicateType": str(predicate),
        }:
            if name != filename or digest.lower() != sha256:
                raise InvalidUpload(_FIELD, "is about another file")
            if predicate not in PREDICATES:
                raise InvalidUpload(_FIELD, "has a predicate of an unknown type")
            return predicate
        case _:
            raise InvalidUpload(_FIELD, "has no in-toto statement about one file")


def _statement(encoded: str) -> Mapping[str, Any]:
    try:
        statement = json.loads(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidUpload(_FIELD, "has a statement that is not base64 of JSON") from error
    return statement if isinstance(statement, dict) else {}
