"""Ask a live server for everything that is described, as everybody, for as long as it is given:
``python -m tests.openapi --minutes 10``. Each round is a new server and other values; the seed that is printed
makes the same ones again.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.openapi.asking import exercise, operations
from tests.openapi.site import CALLERS, INI, SYSTEMS, EverythingSite, opened
from tests.support.issuer import Issuer
from tests.support.server import LiveServer


@dataclass
class Run:
    """What is asked until when, and what came of it: faults by operation, and how often each status."""

    until: float
    systems: tuple[str, ...]
    examples: int
    faults: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.until

    def round(self, data: Path, seed: int) -> None:
        """Everything once, at a server of its own; its log may have no traceback."""
        with Issuer() as issuer:
            site = opened(data, issuer)
            try:
                site.fill()
                with LiveServer(data, options=INI | issuer.ini | {"auth.hash_rounds": "1"}) as server:
                    for system in self.systems:
                        self._ask(site, server, system, seed)
                    if "Traceback" in server.log:
                        self._note("the log", f"seed {seed}:\n{server.log}")
            finally:
                site.services.close()

    def _ask(self, site: EverythingSite, server: LiveServer, system: str, seed: int) -> None:
        app = site.client.app
        for operation in operations(app, system):
            for caller, headers in CALLERS.items():
                if self.is_over:
                    return
                fault = exercise(
                    app,
                    operation,
                    headers,
                    site.known(system),
                    examples=self.examples,
                    seed=f"{seed} {caller}",
                    told=self._count,
                    url=server.url,
                )
                if fault is not None:
                    self._note(operation.label, f"{system}, {caller}, seed {seed}: {fault}")

    def _count(self, status: int) -> None:
        self.statuses[status] += 1

    def _note(self, where: str, fault: str) -> None:
        if where not in self.faults:
            self.faults[where] = fault
            say(f"\n{fault}\n")


def main() -> int:
    """1 if anything answered otherwise than described."""
    parser = argparse.ArgumentParser(prog="python -m tests.openapi", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--examples", type=int, default=10, help="for each operation and caller")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--system", choices=SYSTEMS, action="append", help="only these")
    given = parser.parse_args()
    run = Run(time.monotonic() + given.minutes * 60, tuple(given.system or SYSTEMS), given.examples)
    seed = given.seed
    while not run.is_over:
        say(f"seed {seed}; so far {run.statuses.total()} answers, {len(run.faults)} faults")
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            data.mkdir()
            run.round(data, seed)
        seed += 1
    say(", ".join(f"{status}: {number}" for status, number in sorted(run.statuses.items())))
    say(f"{len(run.faults)} faults: {', '.join(run.faults) or 'none'}")
    return 1 if run.faults else 0


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
