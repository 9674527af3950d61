"""The metrics of this process, gathered when somebody asks for them."""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from pypicloud_like.core.exposition import Family, Sample, added, histogram
from pypicloud_like.registry.change import PUBLISHING
from pypicloud_like.registry.metrics import BOUNDS
from pypicloud_like.registry.services import Services
from pypicloud_like.upstream.upstreams import Upstreams

PREFIX = "pypicloud_like_"
_PATIENCE = 1.0
"""Seconds that the index gets to say its serial."""
_SERVER = {
    "connections": "Connections that are open now.",
    "threads": "Threads that carry out requests.",
    "threads_busy": "Threads that carry out a request now.",
    "queue": "Requests that wait for a thread now.",
}
_UNIT = os.sysconf("SC_PAGE_SIZE")


def of_all(services: Services) -> Sequence[Family]:
    """Everything that is measured, of this process and of the others of the same server."""
    return added({str(os.getpid()): list(families(services)), **services.metrics.others()})


def families(services: Services) -> Iterator[Family]:
    """Everything that is measured. All of it is of this process alone, but for the serial of the index."""
    yield _about(services)
    yield from _requests(services)
    yield from _changes(services)
    yield from _serial(services)
    if services.upstreams is not None:
        yield from _upstreams(services.upstreams)
    for name, told in _SERVER.items():
        gauge = services.metrics.gauges.get(name)
        if gauge is not None:
            yield _gauge(PREFIX + "server_" + name, told, gauge())
    yield _gauge(PREFIX + "pages_bytes", "Bytes of the pages kept in memory.", services.pages.used_bytes)
    yield from _process(services.metrics.since)


def _about(services: Services) -> Family:
    """Which process it is: of several behind one address another one may answer each time."""
    labels = {
        "version": version("pypicloud-like"),
        "python": ".".join(map(str, sys.version_info[:3])),
        "process": f"{os.getpid()}-{int(services.metrics.since)}",
    }
    return Family(PREFIX + "info", "gauge", "What runs here; the other metrics are of this process.", [
        Sample(1, labels)
    ])  # fmt: skip


def _requests(services: Services) -> Iterator[Family]:
    found = sorted(services.metrics.requests().items())
    named = [
        ({"route": pattern, "method": method, "status": f"{digit}xx"}, each)
        for (pattern, method, digit), each in found
    ]
    yield Family(
        PREFIX + "requests_total",
        "counter",
        "Requests that were answered.",
        [Sample(each.count, labels) for labels, each in named],
    )
    yield Family(
        PREFIX + "request_seconds",
        "histogram",
        "Time until the answer began, without the upload before it and the body after it.",
        [one for labels, each in named for one in histogram(labels, BOUNDS, each.classes, each.seconds)],
    )
    yield _counter("errors_total", "Errors told to clients.", "reason", services.metrics.errors())


def _changes(services: Services) -> Iterator[Family]:
    counts, sizes = services.changes.counted()
    yield Family(
        PREFIX + "changes_total",
        "counter",
        "Changes of packages; uploads are among them.",
        [
            Sample(number, {"ecosystem": ecosystem, "action": action})
            for (ecosystem, action), number in sorted(counts.items())
        ],
    )
    uploads: dict[str, int] = {}
    for (ecosystem, action), number in counts.items():
        if action in PUBLISHING:
            uploads[ecosystem] = uploads.get(ecosystem, 0) + number
    yield _counter("uploads_total", "Files published.", "ecosystem", uploads)
    yield _counter("uploaded_bytes_total", "Bytes of the files published.", "ecosystem", sizes)


def _serial(services: Services) -> Iterator[Family]:
    """Left out while the index cannot be asked: the other metrics are wanted then more than ever."""
    found = services.probes.ask({"serial": services.cache.serial}, seconds=_PATIENCE)["serial"]
    if isinstance(found, int):
        yield _gauge(PREFIX + "index_serial", "The highest serial of any change, of all processes.", found)


def _upstreams(upstreams: Upstreams) -> Iterator[Family]:
    pages, files = dict(upstreams.documents.counts), dict(upstreams.counts)
    yield _counter("upstream_pages_total", "Pages of upstreams that were needed, by how they were had.",
                   "result", pages)  # fmt: skip
    yield _counter("upstream_files_total", "Files of upstreams that were needed, by how they were had.",
                   "result", files)  # fmt: skip
    slots = upstreams.slots
    yield _gauge(PREFIX + "upstream_slots", "Requests that may wait for upstreams at once.", slots.places)
    yield _gauge(PREFIX + "upstream_slots_taken", "Requests that wait for upstreams now.", slots.taken)


def _process(since: float) -> Iterator[Family]:
    """By the names and units that clients of Prometheus have agreed on. What this system does not tell is
    left out.

    https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
    """
    yield Family(
        "process_cpu_seconds_total", "counter", "Processor time used.", [Sample(time.process_time())]
    )
    yield _gauge("process_start_time_seconds", "When it began, in seconds since 1970.", since)
    yield _gauge("process_threads", "Threads.", threading.active_count())
    with suppress(OSError, ValueError, IndexError):
        total, resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[:2]
        yield _gauge("process_virtual_memory_bytes", "Virtual memory.", int(total) * _UNIT)
        yield _gauge("process_resident_memory_bytes", "Memory in use.", int(resident) * _UNIT)
    with suppress(OSError):
        # but for the one that the listing itself needs
        yield _gauge("process_open_fds", "Descriptors that are open.", len(os.listdir("/proc/self/fd")) - 1)  # noqa: PTH208 - names are enough
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit != resource.RLIM_INFINITY:
        yield _gauge("process_max_fds", "Descriptors that may be open.", limit)


def _gauge(name: str, told: str, value: float) -> Family:
    return Family(name, "gauge", told, [Sample(value)])


def _counter(name: str, told: str, label: str, values: Mapping[str, float]) -> Family:
    samples = [Sample(number, {label: value}) for value, number in sorted(values.items())]
    return Family(PREFIX + name, "counter", told, samples)
