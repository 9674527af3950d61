"""Imports and exports of JavaScript and TypeScript: the few forms in which a module can name another.

They are those of ECMA-262, section 16.2, TypeScript's ``import x = require()`` and ``import()`` types, and
the comments that name types for deno.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from pypicloud_like.ecosystems.jsr.lexer import STRING, TEMPLATE_TEXT, WORD, Lexer, Patience, TooMuchCode

_NAMES = re.compile(
    r"""\{(?:[^{}"'/();:=`]|"[^"\n\r]*+"|'[^'\n\r]*+'|//[^\n\r]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/)*+\}"""
)
MOST_REFERENCES = 50_000
"""Of one module. Each takes ten bytes of a source, and hundreds of memory."""
_MOST_PARTS = 8
"""Parts an import clause may have outside its braces: ``import type a, * as b from``."""

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|(\r\n|.))", re.DOTALL)
_PLAIN_ESCAPES = {
    "n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0",
    "\n": "", "\r": "", "\r\n": "", "\u2028": "", "\u2029": "",
}  # fmt: skip
_TYPES_PRAGMA = re.compile(r"""\s*@(?:ts|ts-self|deno)-types\s*=\s*(?:"([^"\s]+)"|'([^'\s]+)'|(\S+))""")
_REFERENCE = re.compile(r"""/\s*<reference\s+(types|path|lib|no-default-lib)\s*=\s*(["'])([^"'\n]*)\2""")
_JSX_PRAGMA = re.compile(r"(?:\A|[\s*])@jsxImportSource(?:Types)?[ \t]+([^\s*]+)")
_JSDOC_IMPORT = re.compile(r"""(?:\bimport\(\s*+|@import\s[^"'@]*+)(?:"([^"\n]+)"|'([^'\n]+)')""")


class Kind(Enum):
    """How a module names another."""

    STATIC = "static"
    """``import`` and ``export … from`` statements"""
    DYNAMIC = "dynamic"
    """``import()``, as an expression or a type"""
    TYPES = "types"
    """in a comment for the type checker, or for JSX"""
    LIBRARY = "library"
    """``/// <reference lib="…" />`` and ``no-default-lib``: no module at all"""


@dataclass(frozen=True, slots=True)
class Reference:
    """One specifier as the source has it, escapes decoded. ``asserted``: with ``assert {…}`` behind it, a
    form of attributes that has been withdrawn.

    ``start`` and ``end`` are where it stands in the source: between the quotes, if it has any, which are then
    ``quote``.
    """

    specifier: str
    kind: Kind
    asserted: bool = False
    start: int = field(default=-1, compare=False)
    end: int = field(default=-1, compare=False)
    quote: str = field(default="", compare=False)


def references(source: str, patience: Patience | None = None) -> Sequence[Reference]:
    """All references of a module, in the order in which they stand there.

    :param patience: shared by the modules that are read together
    :raises TooMuchCode: they are more than :data:`MOST_REFERENCES`, or patience has an end
    """
    if not any(word in source for word in ("import", "export", "-types", "<reference", "@jsx")):
        return ()
    reader = _Reader(source, patience)
    reader.run()
    return reader.found


class _Reader(Lexer):
    def __init__(self, text: str, patience: Patience | None) -> None:
        super().__init__(text, patience)
        self.found: list[Reference] = []

    def _found(self, reference: Reference) -> None:
        if len(self.found) == MOST_REFERENCES:
            raise TooMuchCode(f"a module imports more than {MOST_REFERENCES} times")
        self.found.append(reference)

    def _mark(self) -> int:
        return len(self.found)

    def _take_back(self, mark: int) -> None:
        del self.found[mark:]

    # Comments that name modules

    def _line_comment(self, text: str) -> None:
        if (match := _TYPES_PRAGMA.match(text)) is not None:
            self._named(match, text)
        elif self._leading and (match := _REFERENCE.match(text)) is not None:
            kind = Kind.TYPES if match[1] in {"types", "path"} else Kind.LIBRARY
            specifier = match[3]
            if match[1] == "path" and not specifier.startswith((".", "/")) and ":" not in specifier:
                specifier = f"./{specifier}"
            start = self._at - len(text) + match.start(3)
            self._found(Reference(specifier, kind, start=start, end=start + len(match[3]), quote=match[2]))

    def _block_comment(self, text: str) -> None:
        if self._leading:
            for match in _JSX_PRAGMA.finditer(text):
                self._named(match, text)
        if text.startswith("*") and ("import(" in text or "@import" in text):
            for match in _JSDOC_IMPORT.finditer(text):
                self._named(match, text)

    def _named(self, match: re.Match[str], text: str) -> None:
        """The one group that matched in a comment, which ends where reading goes on."""
        group = match.lastindex or 1
        start = self._at - len(text) + match.start(group)
        self._found(Reference(match[group], Kind.TYPES, start=start, end=start + len(match[group])))

    # Statements that name modules

    def _import(self, _at: int) -> None:
        """Behind the word ``import``."""
        at = self._skip(self._at)
        following = self._text[at : at + 1]
        if following == ".":
            word = WORD.match(self._text, self._skip(at + 1))
            if word is None or word[0] not in {"defer", "source"}:
                return
            at = self._skip(word.end())
            following = self._text[at : at + 1]
        if following == "(":
            self._dynamic(at + 1)
        elif following in {'"', "'"}:
            self._specifier(at)
        else:
            self._clause(at, can_require=True)

    def _export(self, _at: int) -> None:
        """Behind the word ``export``."""
        at = self._skip(self._at)
        word = WORD.match(self._text, at)
        if word is not None and word[0] == "type":
            at = self._skip(word.end())
        if self._text[at : at + 1] in {"*", "{"}:
            self._clause(at, can_require=False)

    def _clause(self, at: int, *, can_require: bool) -> None:
        """What is imported or exported, up to ``from`` and the specifier."""
        for part in range(_MOST_PARTS):
            self._patience.left -= 1  # reading goes on behind the word before, so these are read again
            following = self._text[at : at + 1]
            if following == "{":
                names = _NAMES.match(self._text, at)
                if names is None:
                    return
                at = self._skip(names.end())
            elif following in {"*", ","}:
                at = self._skip(at + 1)
            elif following in {'"', "'"}:  # * as "odd name"
                name = STRING.match(self._text, at)
                if name is None or can_require:
                    return
                at = self._skip(name.end())
            elif following == "=" and can_require:
                self._required(self._skip(at + 1))
                return
            else:
                word = WORD.match(self._text, at)
                if word is None:
                    return
                at = self._skip(word.end())
                if word[0] == "from" and part and self._text[at : at + 1] in {'"', "'"}:
                    self._specifier(at)
                    return

    def _required(self, at: int) -> None:
        """``import x = require("…")``; not ``import x = A.B``."""
        if not self._text.startswith("require", at):
            return
        at = self._skip(at + len("require"))
        if self._text[at : at + 1] == "(":
            literal = STRING.match(self._text, self._skip(at + 1))
            if literal is not None:
                self._literal(literal[0], literal.end(), Kind.STATIC)

    def _specifier(self, at: int) -> None:
        literal = STRING.match(self._text, at)
        if literal is None:
            return
        after = self._skip(literal.end())
        word = WORD.match(self._text, after)
        asserted = (
            word is not None
            and word[0] == "assert"
            and self._text.startswith("{", self._skip(word.end()))
            and not self._breaks(literal.end(), after)
        )
        self._literal(literal[0], literal.end(), Kind.STATIC, asserted=asserted)

    def _dynamic(self, at: int) -> None:
        """``import(`` with a literal behind it, and nothing that is joined to it."""
        self._parens.append(False)
        self._at = at
        at = self._skip(at)
        if self._text[at : at + 1] == "`":
            text = TEMPLATE_TEXT.match(self._text, at + 1)
            end = text.end() if text else at
            literal = self._text[at : end + 1] if self._text.startswith("`", end) else ""
        else:
            match = STRING.match(self._text, at)
            literal = match[0] if match else ""
        end = at + len(literal)
        behind = self._skip(end)
        if literal and self._text[behind : behind + 1] in {")", ","}:
            self._literal(literal, end, Kind.DYNAMIC)

    def _literal(self, text: str, end: int, kind: Kind, *, asserted: bool = False) -> None:
        """A string literal that ends here; reading goes on behind it."""
        start = end - len(text) + 1
        self._found(Reference(_value(text), kind, asserted, start, end - 1, text[0]))
        self._at = end


def _value(literal: str) -> str:
    """What a string literal means, its quotes taken off (ECMA-262, section 12.9.4)."""
    inner = literal[1:-1]
    return _ESCAPE.sub(_unescaped, inner) if "\\" in inner else inner


def _unescaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if digits:
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    return _PLAIN_ESCAPES.get(match[4], match[4])
