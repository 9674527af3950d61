"""License expressions (SPDX specification, annex D) as manifests have them."""

from __future__ import annotations

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression


def is_expression(text: str) -> bool:
    """Whether a text is an SPDX expression of known licenses. ``MIT/Apache-2.0``, the way of writing "or"
    before there were expressions, is one too.
    """
    try:
        canonicalize_license_expression(text.replace("/", " OR "))
    except InvalidLicenseExpression:
        return False
    return True
