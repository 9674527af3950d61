"""A lexer of JavaScript and TypeScript that knows where code is not code.

It does not parse: it steps over comments, strings, templates and regular expressions, and stops at the words
``import`` and ``export``. What it cannot tell (an apostrophe in the text of JSX) it passes over to the end of
the line. Its time is linear in the length of the source, whatever that is made of.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable

_INTERESTING = re.compile(r"""["'`/(){}]|(?<![\w$#\\])(?<!(?<!\.\.)\.)(?:import|export)(?![\w$])""")
STRING = re.compile(r""""(?:[^"\\\n\r]|\\(?:\r\n|.))*+"|'(?:[^'\\\n\r]|\\(?:\r\n|.))*+'""", re.DOTALL)
TEMPLATE_TEXT = re.compile(r"(?:[^`\\$]++|\\.|\$(?!\{))*+", re.DOTALL)
_REGEX = re.compile(
    r"/(?:[^/\\\[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*+\])++/[\w$]*+",
)
_LONGEST_REGEX = 4000
_MOST_FAILED = 2_000
"""So many slashes are tried as the beginning of a regular expression that then has no end."""
_SPACE = re.compile(r"\s*+")
_LINE = re.compile(r"[^\n\r\u2028\u2029]*+")
WORD = re.compile(r"[^\W\d][\w$]*+|\$[\w$]*+")
_LAST_WORD = re.compile(r"(?<![\w$.#])[a-z]+\Z")

_BEFORE_REGEX = frozenset(
    {"await", "case", "default", "delete", "do", "else", "extends", "in", "instanceof", "new", "of"}
    | {"return", "throw", "typeof", "void", "yield"}
)
_BEFORE_CONDITION = frozenset({"if", "while", "for", "with"})


MOST_STEPS = 4_000_000
"""Quotes, brackets, slashes and so on: more than the largest package has of them that people or their tools
write, and some seconds of work.
"""


class TooMuchCode(Exception):
    """A source is none that somebody wrote, and would take too long."""


class Patience:
    """How many steps are left for the sources that are read with it."""

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self.left = steps


class Lexer(ABC):
    """Goes over a source once. What is found on the way is for subclasses to take."""

    def __init__(self, text: str, patience: Patience | None = None) -> None:
        """:param patience: shared by sources that are read together; each has its own without it"""
        self._text = text
        self._patience = patience or Patience()
        self._at = 0
        self._gap = (-1, -1)
        """Where the last run of comments (and space between them) begins and ends."""
        self._braces: list[bool] = []
        """Of each open brace: does it belong to a template."""
        self._parens: list[bool] = []
        """Of each open parenthesis: does it belong to a condition."""
        self._after_condition = -1
        """Where the last closing parenthesis of a condition is."""
        self._open_templates: list[tuple[int, int]] = []
        """Where they begin, and how much had been found then."""
        self._templates = True
        self._failed = 0
        self._leading = True
        """Nothing but comments so far."""
        self._steps: dict[str, Callable[[int], None]] = {
            "/": self._slash,
            '"': self._string,
            "'": self._string,
            "`": self._template,
            "(": self._open_paren,
            ")": self._close_paren,
            "{": self._open_brace,
            "}": self._close_brace,
            "import": self._import,
            "export": self._export,
        }

    def run(self) -> None:
        """Go over the source to its end.

        :raises TooMuchCode: that takes more steps than there is patience for
        """
        if self._text.startswith(("#!", "\ufeff#!")):
            self._at = _LINE.match(self._text).end()  # type: ignore[union-attr] # it matches anywhere
        while True:
            self._walk()
            if not self._open_templates:
                return
            self._forget_templates()

    def _walk(self) -> None:
        search = _INTERESTING.search
        steps = self._steps
        patience = self._patience
        while (match := search(self._text, self._at)) is not None:
            self._at = match.end()
            patience.left -= 1
            if patience.left < 0:
                raise TooMuchCode("there is too much code in it")
            found = match[0]
            if found != "/":
                self._leading = False
            steps[found](match.start())

    # Stepping over what is no code

    def _open_paren(self, at: int) -> None:
        self._parens.append(self._word_before(at) in _BEFORE_CONDITION)

    def _close_paren(self, at: int) -> None:
        if self._parens and self._parens.pop():
            self._after_condition = at

    def _open_brace(self, _at: int) -> None:
        self._braces.append(False)

    def _close_brace(self, _at: int) -> None:
        if self._braces and self._braces.pop():
            self._template_text()

    def _string(self, at: int) -> None:
        """A string that does not end on its line is none: an apostrophe in JSX. The line is passed over."""
        match = STRING.match(self._text, at)
        self._at = match.end() if match else _line_end(self._text, at)

    def _template(self, at: int) -> None:
        if self._templates:
            self._open_templates.append((at, self._mark()))
            self._template_text()

    def _template_text(self) -> None:
        """Text of a template up to its end or to its next substitution."""
        match = TEMPLATE_TEXT.match(self._text, self._at)
        end = match.end() if match else self._at
        if self._text.startswith("`", end):
            self._at = end + 1
            if self._open_templates:
                self._open_templates.pop()
        elif self._text.startswith("${", end):
            self._at = end + 2
            self._braces.append(True)
        else:
            self._at = len(self._text)

    def _forget_templates(self) -> None:
        """A template has no end, so what was taken for its beginning was none: go back there, once."""
        at, found = self._open_templates[0]
        self._take_back(found)
        self._open_templates, self._braces, self._parens = [], [], []
        self._templates = False
        self._gap, self._after_condition = (-1, -1), -1
        self._at = at + 1

    def _slash(self, at: int) -> None:
        text = self._text
        if text.startswith("//", at):
            self._at = _line_end(text, at)
            self._line_comment(text[at + 2 : self._at])
            self._comment_ended(at)
        elif text.startswith("/*", at):
            end = text.find("*/", at + 2)
            self._at = len(text) if end < 0 else end + 2
            self._block_comment(text[at + 2 : self._at])
            self._comment_ended(at)
        else:
            self._leading = False
            if self._failed < _MOST_FAILED and self._may_begin_regex(at):
                match = _REGEX.match(text, at, min(len(text), at + _LONGEST_REGEX))
                self._failed += match is None
                self._at = match.end() if match else at + 1

    def _comment_ended(self, start: int) -> None:
        before = self._before(start)
        joined = self._gap[0] if self._gap[1] == before and before >= 0 else start
        self._gap = (joined, self._at)

    def _before(self, at: int) -> int:
        """The end of what stands before a place, space passed over."""
        text = self._text
        while at > 0 and text[at - 1].isspace():
            at -= 1
        return at

    def _code_before(self, at: int) -> int:
        """The same, comments passed over too."""
        at = self._before(at)
        return self._before(self._gap[0]) if at == self._gap[1] else at

    def _word_before(self, at: int) -> str:
        end = self._code_before(at)
        match = _LAST_WORD.search(self._text, max(0, end - 12), end)
        return match[0] if match else ""

    def _may_begin_regex(self, at: int) -> bool:
        """Whether a slash begins a regular expression here, by what stands before it."""
        end = self._code_before(at)
        text = self._text
        last, previous = text[max(0, end - 1) : end], text[max(0, end - 2) : max(0, end - 1)]
        match last:
            case ")":
                begins = self._after_condition == end - 1
            case "}":
                begins = "\n" in text[end:at]
            case "<":
                begins = end != at  # else a closing tag of JSX
            case "+" | "-":
                begins = previous != last
            case "!":
                begins = not (previous.isalnum() or previous in ("_", "$", ")", "]"))
            case "]" | '"' | "'" | "`":
                begins = False
            case _ if last.isalnum() or last in ("_", "$"):
                begins = self._word_before(at) in _BEFORE_REGEX
            case _:
                begins = True
        return begins

    # What subclasses take

    @abstractmethod
    def _mark(self) -> int:
        """How much has been found so far."""

    @abstractmethod
    def _take_back(self, mark: int) -> None:
        """Forget what has been found since."""

    @abstractmethod
    def _line_comment(self, text: str) -> None:
        """A comment from ``//`` to the end of its line."""

    @abstractmethod
    def _block_comment(self, text: str) -> None:
        """The inside of a comment between ``/*`` and ``*/``."""

    @abstractmethod
    def _import(self, at: int) -> None:
        """The word ``import``; reading goes on behind it, or where this leaves off."""

    @abstractmethod
    def _export(self, at: int) -> None:
        """The word ``export``, alike."""

    # Looking ahead

    def _breaks(self, start: int, end: int) -> bool:
        return "\n" in self._text[start:end]

    def _skip(self, at: int) -> int:
        """The next place that is neither space nor comment."""
        text = self._text
        while True:
            at = _SPACE.match(text, at).end()  # type: ignore[union-attr] # it matches anywhere
            if text.startswith("//", at):
                at = _line_end(text, at)
            elif text.startswith("/*", at):
                end = text.find("*/", at + 2)
                at = len(text) if end < 0 else end + 2
            else:
                return at


def _line_end(text: str, at: int) -> int:
    match = _LINE.match(text, at)
    return match.end() if match else len(text)
