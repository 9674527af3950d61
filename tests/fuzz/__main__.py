"""``python -m tests.fuzz [--minutes 10] [--seed N] [--keep] [PARSER …]``: all parsers, or these, in turns.

Prints each fault once. With ``--keep`` what led to it goes into the corpus, which every run of the tests reads.
"""

from __future__ import annotations

import argparse
import random
import sys
import time

from tests.fuzz.fuzzing import Campaign, keep
from tests.fuzz.parsers import PARSERS

_TURN = 5.0
"""Seconds that a parser is tried before the next."""


def main(arguments: list[str]) -> int:
    """The command; 1 if there was any fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("parsers", nargs="*", metavar="PARSER")
    args = parser.parse_args(arguments)
    names = args.parsers or list(PARSERS)
    campaigns = [Campaign(name, random.Random(f"{args.seed} {name}")) for name in names]
    for campaign in campaigns:
        campaign.begin()
    end = time.monotonic() + args.minutes * 60
    while time.monotonic() < end:
        for campaign in campaigns:
            campaign.run(max(0.0, min(_TURN, end - time.monotonic())))
    faults = 0
    for campaign in campaigns:
        sys.stdout.write(
            f"{campaign.name:24} {campaign.runs:9,} inputs, {campaign.taken:8,} taken,"
            f" {len(campaign.lines):5} steps, {len(campaign.faults)} faults\n"
        )
        faults += len(campaign.faults)
        for raw in campaign.faults.values() if args.keep else ():
            sys.stdout.write(f"    {keep(campaign.name, raw)}\n")
    total = sum(campaign.runs for campaign in campaigns)
    sys.stdout.write(f"{total:,} inputs, {faults} faults, seed {args.seed}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
