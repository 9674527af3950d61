"""The normal form in which names of users and groups are compared, stored and shown: the canonical
caseless match of Unicode (section 3.13, D145), composed. So ``Ann`` and ``ann`` are one user, however an
accent was typed.
"""

from __future__ import annotations

import unicodedata


def normal_form(name: str) -> str:
    """The form in which two spellings of one name are equal. Takes any text, refuses nothing: what no
    database can hold (NUL, lone surrogates) becomes U+FFFD, which no name has.
    """
    storable = name.replace("\0", "\ufffd").encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", storable).casefold())
