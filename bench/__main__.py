"""Ratios in one run: this server against the least that its parts can do, and against other indexes.

    make bench ARGS="--only pages,files"      parts: pages, files, uploads, lists; installs, adoption
    make bench ARGS="--peers --only none"     other indexes, installed into .cache when first asked for
    make bench ARGS="--server granian"        on another WSGI server
    make bench ARGS="--projects 20000"        an index of 200,000 files for the lists and other indexes

All that is compared takes turns; figures are medians. CPU time a request is steady also on a busy machine,
requests a second are not; figures of two runs do not compare.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import adoption, corpus, files, installs, lists, pages, peers, uploads
from bench.contest import Rules, Table
from bench.load import wrk
from bench.servers import KINDS, Lacking, below, require_kind

PARTS = ("pages", "files", "uploads", "lists")
MORE_PARTS = ("installs", "adoption")
"""Only if they are named: they need clients, or some minutes."""


def main() -> None:
    """Measure what is asked for."""
    args = _arguments()
    rules, table = Rules(args.seconds, args.rounds), Table()
    wanted = args.only or PARTS
    print(f"load by {wrk() or 'Python, which slows both sides alike'}")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)  # databases inside may belong to a user of their own
        _measure(args, wanted, rules, table, Path(name))
    print(f"\nmissed: {', '.join(table.missed) or 'nothing'}")


def _measure(
    args: argparse.Namespace, wanted: Sequence[str], rules: Rules, table: Table, folder: Path
) -> None:
    """Each part that is wanted. Other indexes are compared within the parts that know them; their pages with
    all parts, or alone.
    """
    compares_pages = args.peers and not {"installs", "lists"} & set(args.only or ())
    if {"pages", "files"} & set(wanted) or compares_pages:
        filled = corpus.some_of_everything(folder / "data")
    for kind in args.server:
        try:
            require_kind(kind)
        except Lacking as why:
            table.heading(f"On {kind}")
            table.skipped("everything", why)
            continue
        if "pages" in wanted:
            pages.measure(filled, kind, rules, table, folder)
        if "files" in wanted:
            files.measure(filled, kind, rules, table, below(folder, kind))
        if "uploads" in wanted:
            uploads.measure(kind, rules, table, args.uploads, below(folder, f"uploads-{kind}"))
    _measure_many(args, wanted, rules, table, folder)
    if "installs" in wanted:
        installs.measure(args.server, rules, table, folder, with_peers=args.peers)
    if compares_pages:
        peers.measure(filled, args.server, args.projects, rules, table, folder)


def _measure_many(
    args: argparse.Namespace, wanted: Sequence[str], rules: Rules, table: Table, folder: Path
) -> None:
    """What depends on how many projects there are."""
    if "lists" in wanted:
        with lists.filled(args.projects, 10, table) as server:
            for kind in args.server:
                lists.measure(server, kind, rules, table, folder, with_peers=args.peers)
    if "adoption" in wanted:
        adoption.measure(args.projects, table, folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", type=_parts, help=f"some of {','.join(PARTS + MORE_PARTS)}; none for the peers alone"
    )
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each turn takes")
    parser.add_argument("--rounds", type=int, default=3, help="how many turns each one gets")
    parser.add_argument("--server", type=_kinds, default=list(KINDS), help=f"some of {','.join(KINDS)}")
    parser.add_argument(
        "--projects", type=int, default=2_000, help="of 10 files each, for the lists and other indexes"
    )
    parser.add_argument("--uploads", type=int, default=200, help="of each turn")
    parser.add_argument("--peers", action="store_true", help="compare with other indexes as well")
    return parser.parse_args()


def _parts(text: str) -> list[str]:
    return _known(text, (*PARTS, *MORE_PARTS, "none"))


def _kinds(text: str) -> list[str]:
    return _known(text, KINDS)


def _known(text: str, known: tuple[str, ...]) -> list[str]:
    words = text.split(",")
    if unknown := set(words) - set(known):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return words


if __name__ == "__main__":
    main()
