# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The engine's invariants over random configurations and histories, with many examples.

    python tests/benchmarks/invariants.py [examples]          (300 by default)

`make test` runs the same tests with a few examples each.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1] / "unit" / "engine"


def main() -> int:
    os.environ["INVARIANT_EXAMPLES"] = sys.argv[1] if len(sys.argv) > 1 else "300"
    short = "test_shortcuts.py::test_short_and_long_ways_end_in_the_same_state_with_the_same_numbers"
    chosen = [f"{TESTS / name}" for name in ("test_random_configurations.py", short)]
    return int(pytest.main(["-q", "--durations=0", *chosen]))


if __name__ == "__main__":
    sys.exit(main())
