"""Metrics as text, as Prometheus and OpenMetrics collectors read it (text format, version 0.0.4).

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Sample:
    """One value. ``suffix`` is ``_bucket``, ``_sum`` or ``_count`` of a histogram, else empty."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """All samples of one name. ``kind`` is ``counter``, ``gauge`` or ``histogram``."""

    name: str
    kind: str
    help: str
    samples: Sequence[Sample]


def exposition(families: Iterable[Family]) -> bytes:
    """The text; families without samples are left out.

    :raises ValueError: a name is none
    """
    lines = (line for family in families if family.samples for line in _lines(family))
    return "".join(f"{line}\n" for line in lines).encode()


def histogram(
    labels: Mapping[str, str], bounds: Sequence[float], classes: Sequence[int], total: float
) -> Iterator[Sample]:
    """The samples of one histogram.

    :param classes: how many were in each class: one more than there are bounds
    :param total: the sum of all values
    """
    below = 0
    for bound, number in zip((*bounds, float("inf")), classes, strict=True):
        below += number
        yield Sample(below, {**labels, "le": _number(bound)}, "_bucket")
    yield Sample(total, labels, "_sum")
    yield Sample(below, labels, "_count")


def added(told: Mapping[str, Sequence[Family]]) -> Sequence[Family]:
    """What several workers tell, as one. What they count is added up; of what is merely so each has
    a sample of its own, with the label ``worker``. Of one alone it stays as it is.

    :param told: by the name of the worker
    """
    if len(told) == 1:
        return next(iter(told.values()))
    found: dict[str, tuple[Family, list[Sample]]] = {}
    for worker, families in told.items():
        for family in families:
            _, samples = found.setdefault(family.name, (family, []))
            more = {"worker": worker} if family.kind == "gauge" else {}
            samples += [Sample(one.value, {**one.labels, **more}, one.suffix) for one in family.samples]
    return [
        Family(first.name, first.kind, first.help, samples if first.kind == "gauge" else _summed(samples))
        for first, samples in found.values()
    ]


def _summed(samples: Iterable[Sample]) -> Sequence[Sample]:
    values: dict[tuple[tuple[tuple[str, str], ...], str], float] = {}
    for one in samples:
        key = (tuple(one.labels.items()), one.suffix)
        values[key] = values.get(key, 0) + one.value
    return [Sample(value, dict(labels), suffix) for (labels, suffix), value in values.items()]


def _lines(family: Family) -> Iterator[str]:
    if not _NAME.match(family.name):
        raise ValueError(f"{family.name!r} is no name of a metric")
    told = family.help.replace("\\", r"\\").replace("\n", r"\n")
    yield f"# HELP {family.name} {told}"
    yield f"# TYPE {family.name} {family.kind}"
    for sample in family.samples:
        pairs = ",".join(f'{_checked(name)}="{_escaped(value)}"' for name, value in sample.labels.items())
        yield f"{family.name}{sample.suffix}{f'{{{pairs}}}' if pairs else ''} {_number(sample.value)}"


def _checked(label: str) -> str:
    if not _LABEL.match(label):
        raise ValueError(f"{label!r} is no name of a label")
    return label


def _escaped(value: str) -> str:
    text = value.encode("utf-8", "replace").decode()
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    if value == float("inf"):
        return "+Inf"
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(float(value))
