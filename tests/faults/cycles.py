"""``python -m tests.faults.cycles [CRASHES]``: so many crashes (1,000) over all set-ups, and what they were.

What follows the number goes to pytest (``-n 2`` has two set-ups at a time).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.setups import SETUPS

CYCLES = "PYPICLOUD_LIKE_CRASHES"
SEED = "PYPICLOUD_LIKE_SEED"
REPORT = "PYPICLOUD_LIKE_CRASH_REPORT"


def main(arguments: list[str]) -> int:
    """Run them, and print a line for each set-up."""
    wanted = int(arguments[0]) if arguments else 1000
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report"
        environ = os.environ | {CYCLES: str(-(-wanted // len(SETUPS))), REPORT: str(path)}
        command = [sys.executable, "-m", "pytest", "-q", *arguments[1:], str(here / "test_stops.py")]
        code = subprocess.run(command, env=environ, cwd=here.parent.parent, check=False).returncode
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    for told in lines:
        points = told.pop("points")
        sys.stdout.write(" ".join(f"{name} {value}" for name, value in told.items()) + "\n")
        for point, count in sorted(points.items()):
            sys.stdout.write(f"    {count:4} {point}\n")
    sys.stdout.write(f"{sum(told['crashes'] for told in lines)} crashes\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
