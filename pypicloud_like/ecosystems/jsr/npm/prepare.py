"""A copy of the sources as the transpiler gets it: whatever is not of the package is a placeholder.

A placeholder is a ``data:`` address, which is complete in itself, so nothing is asked for elsewhere and no
file is read but those of the copy. The types of what it stands for are unknown, so no module is type-checked:
its publisher's ``deno publish`` has done that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pypicloud_like.ecosystems.jsr.exports import Exports
from pypicloud_like.ecosystems.jsr.npm.rewrite import check_plain, rewritten
from pypicloud_like.ecosystems.jsr.references import Kind, Reference

Resolve = Callable[[Reference], tuple[str | None, str]]
"""For a reference: the specifier by which it is read, or None and what npm's form will say."""

_JSX = ("react", "react-jsx", "react-jsxdev", "precompile")
_TEXTS = ("jsxFactory", "jsxFragmentFactory")
_SWITCHES = ("experimentalDecorators", "emitDecoratorMetadata")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a transpiler needs: sources by their paths, of which the exports are the beginnings, and the
    compiler options that change what is made of them.
    """

    name: str
    version: str
    exports: Exports
    options: Mapping[str, Any]
    sources: Mapping[str, bytes]


class Preparation:
    """Puts placeholders in, and takes them out of what was made."""

    def __init__(self, digest: str) -> None:
        """:param digest: one of all sources, so that none of them can have it in it"""
        self._mark = f"pcl_{digest[:32]}"
        self._outer: list[str] = []
        self._numbers: dict[str, int] = {}
        self._placeholder = re.compile(
            rf"data:(?:text/javascript|application/json),(?:%22)?{self._mark}_(\d{{6}})(?:%22)?"
        )
        self._header = f"// @ts-nocheck {self._mark}\n"

    def source(self, body: bytes, resolve: Resolve) -> bytes:
        """A module of the copy."""

        def change(reference: Reference) -> str | None:
            if reference.kind is Kind.LIBRARY or reference.specifier.startswith("node:"):
                return None
            inner, outer = resolve(reference)
            return inner if inner is not None else self.placeholder(outer)

        text = rewritten(body.decode("utf-8", "surrogateescape").removeprefix(_BOM), change)
        first, end, rest = text.partition("\n") if text.startswith("#!") else ("", "", text)
        return f"{first}{end}{self._header}{rest}".encode("utf-8", "surrogateescape")

    def placeholder(self, outer: str) -> str:
        """What stands for a specifier of npm's form.

        :raises Inconvertible: it is too odd to be put back
        """
        check_plain(outer)
        number = self._numbers.setdefault(outer, len(self._outer))
        if number == len(self._outer):
            self._outer.append(outer)
        name = f"{self._mark}_{number:06d}"
        if outer.endswith(".json"):
            return f"data:application/json,%22{name}%22"
        return f"data:text/javascript,{name}"

    def restored(self, made: bytes) -> bytes:
        """What was made of the copy, with the specifiers of npm's form."""
        text = made.decode("utf-8", "surrogateescape")
        text = self._placeholder.sub(lambda match: self._outer[int(match[1])], text)
        return text.replace(self._header, "").encode("utf-8", "surrogateescape")

    def options(self, config: Mapping[str, Any], outer: Callable[[str], str]) -> Mapping[str, Any]:
        """The compiler options of a configuration that change what is made: those of JSX, and of decorators.

        :param outer: gives what npm's form says for a specifier
        """
        said = config.get("compilerOptions")
        given: Mapping[str, Any] = said if isinstance(said, dict) else {}
        jsx = given.get("jsx")
        options: dict[str, Any] = {"jsx": jsx if jsx in _JSX else "react"}
        if options["jsx"] != "react":
            source = given.get("jsxImportSource")
            named = source if isinstance(source, str) else "react"
            options["jsxImportSource"] = self.placeholder(outer(named))
        options |= {name: given[name] for name in _TEXTS if isinstance(given.get(name), str)}
        return options | {name: given[name] for name in _SWITCHES if isinstance(given.get(name), bool)}
