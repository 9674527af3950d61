"""Core metadata: the bytes of METADATA or PKG-INFO as a JSON object."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from packaging.metadata import parse_email

from pypicloud_like.registry.archives.limits import MAX_MANIFEST, refused

MAX_HEADERS = 20_000
MAX_HEADER_LINES = 200_000
MAX_HEADER_NAMES = 200

_SINGLE = (
    "metadata_version",
    "name",
    "version",
    "summary",
    "description_content_type",
    "author",
    "author_email",
    "maintainer",
    "maintainer_email",
    "home_page",
    "download_url",
    "license_expression",
    "requires_python",
)
_LISTS = {
    "keywords": "keywords",
    "platforms": "platform",
    "license_files": "license_files",
    "classifiers": "classifiers",
    "requires_dist": "requires_dist",
    "requires_external": "requires_external",
    "provides_extra": "provides_extra",
    "dynamic": "dynamic",
    "import_names": "import_names",
    "import_namespaces": "import_namespaces",
}
"""packaging's key → ours (PEP 566's, in the plural where today's JSON API has it so)."""
_UNKNOWN_TO_OLD_PARSERS = {"import-name": "import_names", "import-namespace": "import_namespaces"}
_MUST_BE_CLEAR = ("name", "version", "metadata-version", "requires-python")
_MAIL_HEADERS = {b"content-type", b"content-transfer-encoding", b"mime-version"}

_LINE = re.compile(rb"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_INDENT = re.compile(r"\n(?: {7}[| ]|\t)")
_CONTROL = dict.fromkeys(code for code in (*range(32), 127) if chr(code) not in "\n\t")


def parse(raw: bytes) -> dict[str, Any]:
    """The facts in core metadata. Keys: single texts ``metadata_version name version summary
    description description_content_type author author_email maintainer maintainer_email home_page
    download_url license license_expression requires_python``; lists of text ``keywords platform
    license_files classifiers requires_dist requires_external provides_extra dynamic import_names
    import_namespaces``; ``project_urls`` is label → address. What is absent, empty or ``UNKNOWN`` has no
    key. Unknown fields and fields that are not UTF-8 are left out.

    :raises InvalidUpload: the bytes are no metadata, or say one thing twice that must be clear
    """
    fields = _check_head(raw)
    known, others = parse_email(raw)
    for name in _MUST_BE_CLEAR:
        if name in others:
            raise refused(f"the metadata field {name} comes more than once or is not UTF-8")
    values: Mapping[str, Any] = known
    facts: dict[str, Any] = {key: _line(values.get(key, "")) for key in _SINGLE}
    facts["license"] = _block(values.get("license", ""), indented=True)
    facts["description"] = _block(values.get("description", ""), indented=b"description" in fields)
    for key, ours in _LISTS.items():
        facts[ours] = _lines(values.get(key, ()))
    for field, ours in _UNKNOWN_TO_OLD_PARSERS.items():
        facts[ours] = facts[ours] or _lines(others.get(field, ()))
    facts["project_urls"] = _urls(values.get("project_urls", {}), others.get("project-url", ()))
    return {key: value for key, value in facts.items() if value}


def _check_head(raw: bytes) -> set[bytes]:
    """Bound what the mail parser is given: it looks through all headers once per name, and follows
    the structure that a mail's own headers announce. Gives the names of the fields in lower case.
    """
    if len(raw) > MAX_MANIFEST:
        raise refused(f"the metadata is larger than {MAX_MANIFEST} bytes")
    names: set[bytes] = set()
    count = 0
    for number, line in enumerate(_LINE.finditer(raw)):
        text = line[1]
        if number > MAX_HEADER_LINES:
            raise refused("the metadata has too many fields")
        if text.startswith((b" ", b"\t")):
            if not names:
                raise refused("the metadata starts with a continued line")
            continue
        name, colon, _ = text.partition(b":")
        if name.startswith(b"From "):
            raise refused("the metadata has headers of a mail")
        if not colon:
            break
        names.add(name)
        count += 1
        if count > MAX_HEADERS or len(names) > MAX_HEADER_NAMES:
            raise refused("the metadata has too many fields")
    fields = {name.strip().lower() for name in names}
    if not _MAIL_HEADERS.isdisjoint(fields):
        raise refused("the metadata has headers of a mail")
    return fields


def _known(text: str) -> str:
    return "" if text == "UNKNOWN" else text


def _line(text: str) -> str:
    """A value that is one line: folded lines joined, control characters gone."""
    return _known(" ".join(text.translate(_CONTROL).split()))


def _block(text: str, *, indented: bool) -> str:
    """A value of several lines, without the indentation that they need as a header."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL)
    if indented:
        text = _INDENT.sub("\n", text)
    return _known(text.strip("\n").rstrip())


def _lines(values: Any) -> list[str]:
    return [line for line in map(_line, values) if line]


def _urls(known: Mapping[str, str], repeated: Any) -> dict[str, str]:
    """Label → address; of several with one label the first counts."""
    pairs = [*known.items(), *((label, url) for label, _, url in (line.partition(",") for line in repeated))]
    urls: dict[str, str] = {}
    for label, url in pairs:
        if _line(label) and _line(url):
            urls.setdefault(_line(label), _line(url))
    return urls
