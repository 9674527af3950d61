"""Bytes changed by chance, and kept where they lead to lines of ours that nothing led to before."""

from __future__ import annotations

import hashlib
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pypicloud_like
from tests.fuzz.parsers import PARSERS, Parser

CORPUS = Path(__file__).with_name("corpus")
LONGEST = 65_536
PATIENCE = 5.0
"""Seconds of this process that reading one input may take."""
_OURS = str(Path(pypicloud_like.__file__).parent)
_INTERESTING = (0, 1, 7, 8, 127, 128, 255, 256, 511, 512, 4095, 32767, 65535, 2**31 - 1, 2**31, 2**32 - 1)


class TooSlow(Exception):
    """Reading did not come to an end in time."""


class Fault(AssertionError):
    """A parser did something else than to read or to refuse."""


def read(parser: Parser, raw: bytes, *, name: str = "") -> bool:
    """Have it read bytes: whether it took them.

    :raises Fault: it raised something of its own accord, or took long
    """
    try:
        with _bounded(PATIENCE):
            parser.read(raw)
    except parser.refusals as refusal:
        _check_sentence(refusal, raw, name)
        return False
    except Exception as error:
        raise Fault(f"{name}: {type(error).__name__}: {error} of {raw[:200]!r}") from error
    return True


def _check_sentence(refusal: Exception, raw: bytes, name: str) -> None:
    """What is told is short enough, and nothing in it acts on a terminal."""
    sentence = str(refusal)
    if len(sentence) > 2000 or any(char in sentence for char in "\x1b\x00\x9b"):
        raise Fault(f"{name}: a refusal of {len(sentence)} characters: {sentence[:200]!r} of {raw[:200]!r}")


@contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    def late(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"more than {seconds} s")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class Mutator:
    """Changes bytes as a careless, a clever and a patient hand would."""

    def __init__(self, chance: random.Random, words: Sequence[bytes]) -> None:
        self._chance = chance
        self._words = words or (b"\0",)

    def changed(self, raw: bytes, other: bytes) -> bytes:
        """A few places changed, or parts of two inputs put together."""
        data = bytearray(raw)
        for _ in range(self._chance.choice((1, 1, 2, 3, 5))):
            self._chance.choice(self._ways)(self, data, other)
        return bytes(data[:LONGEST])

    def _flip(self, data: bytearray, _other: bytes) -> None:
        if data:
            data[self._chance.randrange(len(data))] ^= 1 << self._chance.randrange(8)

    def _set(self, data: bytearray, _other: bytes) -> None:
        if data:
            data[self._chance.randrange(len(data))] = self._chance.randrange(256)

    def _word(self, data: bytearray, _other: bytes) -> None:
        at = self._chance.randint(0, len(data))
        word = self._chance.choice(self._words)
        data[at : at + self._chance.choice((0, len(word)))] = word

    def _words_again(self, data: bytearray, _other: bytes) -> None:
        at = self._chance.randint(0, len(data))
        data[at:at] = self._chance.choice(self._words) * self._chance.choice((2, 10, 200))

    def _number(self, data: bytearray, _other: bytes) -> None:
        at = self._chance.randint(0, len(data))
        size = self._chance.choice((2, 4, 8))
        order = self._chance.choice(("little", "big"))
        number = self._chance.choice(_INTERESTING) & (256**size - 1)
        data[at : at + size] = number.to_bytes(size, order)  # type: ignore[arg-type]

    def _cut(self, data: bytearray, _other: bytes) -> None:
        at = self._chance.randint(0, len(data))
        del data[at : at + self._chance.choice((1, 4, 32, 512, len(data)))]

    def _repeat(self, data: bytearray, _other: bytes) -> None:
        at = self._chance.randint(0, len(data))
        piece = data[at : at + self._chance.choice((1, 8, 64, 512))]
        data[at:at] = piece * self._chance.choice((1, 2, 30))

    def _move(self, data: bytearray, _other: bytes) -> None:
        at, to = (self._chance.randint(0, len(data)) for _ in range(2))
        piece = data[at : at + self._chance.randint(1, 64)]
        data[to : to + len(piece)] = piece

    def _cross(self, data: bytearray, other: bytes) -> None:
        at, there = self._chance.randint(0, len(data)), self._chance.randint(0, len(other))
        data[at:] = other[there:]

    _ways: Sequence[Callable[[Mutator, bytearray, bytes], None]] = (
        _flip, _set, _set, _word, _word, _words_again, _number, _cut, _repeat, _move, _cross,
    )  # fmt: skip


@dataclass
class Campaign:
    """Inputs for one parser that grow towards lines that were not reached."""

    name: str
    chance: random.Random
    inputs: list[bytes] = field(default_factory=list)
    lines: set[tuple[str, int, int]] = field(default_factory=set)
    """Steps from one line of ours to another."""
    runs: int = 0
    taken: int = 0
    faults: dict[str, bytes] = field(default_factory=dict)

    @property
    def parser(self) -> Parser:
        """What is tried."""
        return PARSERS[self.name]

    def begin(self) -> None:
        """Read the seeds and the corpus."""
        for raw in [*self.parser.seeds, *corpus(self.name).values()]:
            self._try(raw)
            self.inputs.append(raw)

    def run(self, seconds: float) -> None:
        """Try new inputs for so long."""
        mutator = Mutator(self.chance, self.parser.words)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            recent = self.inputs[-20:] if self.chance.random() < 0.5 else self.inputs
            raw = mutator.changed(self.chance.choice(recent), self.chance.choice(self.inputs))
            if self._try(raw):
                self.inputs.append(raw)

    def _try(self, raw: bytes) -> bool:
        """Whether it led to something new."""
        before = len(self.lines)
        self.runs += 1
        tracer = _Tracer(self.lines)
        sys.settrace(tracer.begin)
        try:
            self.taken += read(self.parser, raw, name=self.name)
        except Fault as fault:
            sys.settrace(None)
            where = _where(fault.__cause__ or fault)
            if where not in self.faults:
                self.faults[where] = raw
                sys.stdout.write(f"{self.name}: {fault}\n    {where}\n")
                sys.stdout.flush()
        finally:
            sys.settrace(None)
        return len(self.lines) > before


class _Tracer:
    """Notes steps between lines of ours (sys.settrace)."""

    def __init__(self, lines: set[tuple[str, int, int]]) -> None:
        self._lines = lines

    def begin(self, frame: FrameType, _event: str, _value: Any) -> Any:
        name = frame.f_code.co_filename
        if not name.startswith(_OURS):
            return None
        last = 0

        def line(inner: FrameType, event: str, _value: Any) -> Any:
            nonlocal last
            if event == "line":
                self._lines.add((name, last, inner.f_lineno))
                last = inner.f_lineno
            return line

        return line


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    found = "nowhere"
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if path.startswith(_OURS) or "/fuzz/" in path:
            found = f"{type(error).__name__} at {Path(path).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def corpus(name: str) -> dict[str, bytes]:
    """Inputs that once were a fault, or are worth to be tried at every run, by the name of their file."""
    folder = CORPUS / folder_of(name)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())} if folder.is_dir() else {}


def keep(name: str, raw: bytes) -> Path:
    """Put an input into the corpus."""
    folder = CORPUS / folder_of(name)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(raw).hexdigest()[:16]
    path.write_bytes(raw)
    return path


def folder_of(name: str) -> str:
    """The folder of a parser's corpus."""
    return name.lower().replace(",", "").replace(" ", "-")
