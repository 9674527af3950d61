"""The table of the fallback, whole."""

from __future__ import annotations

from itertools import product

import pytest

from pypicloud_like.registry.serve import Answer, Asked, Mode, decide

TABLE = """\
mode     | mixed | name  | fetches   | fetches not | offline   | not told
none     |       |       | not found | not found | not found | not found
none     |       | ours  | ours      | ours      | ours      | ours
none     |       | mixed | ours      | ours      | ours      | ours
none     | shown |       | not found | not found | not found | not found
none     | shown | ours  | ours      | ours      | ours      | ours
none     | shown | mixed | ours      | ours      | ours      | ours
redirect |       |       | redirect  | redirect  | not found | not found
redirect |       | ours  | ours      | ours      | ours      | ours
redirect |       | mixed | ours      | ours      | ours      | ours
redirect | shown |       | redirect  | redirect  | not found | not found
redirect | shown | ours  | ours      | ours      | ours      | ours
redirect | shown | mixed | linked    | linked    | ours      | ours
cache    |       |       | fetch     | held      | held      | not found
cache    |       | ours  | ours      | ours      | ours      | ours
cache    |       | mixed | ours      | ours      | ours      | ours
cache    | shown |       | fetch     | held      | held      | not found
cache    | shown | ours  | ours      | ours      | ours      | ours
cache    | shown | mixed | merged    | held      | held      | ours
mirror   |       |       | fetch     | held      | held      | not found
mirror   |       | ours  | ours      | ours      | ours      | ours
mirror   |       | mixed | merged    | held      | held      | ours
mirror   | shown |       | fetch     | held      | held      | not found
mirror   | shown | ours  | ours      | ours      | ours      | ours
mirror   | shown | mixed | merged    | held      | held      | ours
"""
"""For who may read, whether they are logged in or not. ``shown``: marks count in this mode; ``mixed`` is a
name of ours with the mark; *not told*: settings let no upstream hear of the name.
"""
SITUATIONS = (
    {"told": True, "fetches": True, "offline": False},
    {"told": True, "fetches": False, "offline": False},
    {"told": True, "fetches": True, "offline": True},
    {"told": False, "fetches": True, "offline": False},
)
NAMES = {"": (False, False), "ours": (True, False), "mixed": (True, True)}


def lines(*, known: bool) -> list[str]:
    """The table as the code has it."""
    found = []
    for mode, mixing, name in product(Mode, (False, True), NAMES):
        ours, mixed = NAMES[name]
        cells = [
            decide(
                Asked(mode=mode, ours=ours, mixed=mixed, reads=True, known=known, mixing=mixing, **situation)
            )
            for situation in SITUATIONS
        ]
        row = f"{mode:<8} | {'shown' if mixing else '':<5} | {name:<5} | "
        found.append((row + " | ".join(f"{cell:<9}" for cell in cells)).rstrip())
    return found


@pytest.mark.promise(76)
@pytest.mark.parametrize("known", [True, False])
def test_the_whole_table(known):
    found = lines(known=known)
    assert found == [line.rstrip() for line in TABLE.splitlines()[1:]], "\n".join(found)


def test_who_may_not_read_learns_nothing():
    for mode, ours, mixed, told, fetches, mixing, offline in product(Mode, *[(False, True)] * 6):
        rest = {"mode": mode, "ours": ours, "mixed": mixed, "told": told, "fetches": fetches}
        asked = Asked(reads=False, known=False, mixing=mixing, offline=offline, **rest)
        assert decide(asked) is Answer.LOGIN
        asked = Asked(reads=False, known=True, mixing=mixing, offline=offline, **rest)
        assert decide(asked) is Answer.NOT_FOUND


def test_what_is_ours_and_unmarked_is_never_answered_from_elsewhere():
    for mode, told, fetches, mixing, offline in product(Mode, *[(False, True)] * 4):
        asked = Asked(
            mode=mode, ours=True, mixed=False, reads=True, known=True, fetches=fetches, told=told,
            mixing=mixing, offline=offline,
        )  # fmt: skip
        assert decide(asked) is Answer.OURS
