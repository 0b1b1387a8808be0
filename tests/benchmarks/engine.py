# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long the standard cycle takes and how much memory it needs, for a number of people.

    python tests/benchmarks/engine.py [people ...]          (2000 and 10000 by default)

Every fifth person has a photo of 4 kB, all but the first a manager. The systems live in the same process: their memory
is told apart from what the engine adds to it.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "engine"))

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from solution_people import Forest

STATUS = Path("/proc/self/statm")
DEPARTMENTS = ("Sales", "Finance", "Research", "Purchase", "Board")


def memory() -> float:
    """Megabytes that the process holds now."""
    pages = int(STATUS.read_text(encoding="ascii").split()[1]) if STATUS.exists() else 0
    return pages * resource.getpagesize() / 2**20


def forest(people: int) -> Forest:
    made = Forest(read_folder(build_files()).model())
    chance = random.Random(1)
    for number in range(people):
        photo = {"photo": chance.randbytes(4096)} if number % 5 == 0 else {}
        boss = {"manager": chance.randrange(number)} if number else {}
        made.person(
            number,
            givenName=f"Given{number}",
            sn=f"Family{number}",
            mail=f"u{number}@corp.example.com",
            userPrincipalName=f"u{number}@corp.example.com",
            department=chance.choice(DEPARTMENTS),
            title="Clerk",
            telephoneNumber=f"+49 30 {number}",
            physicalDeliveryOfficeName=f"B{number % 40}",
            proxyAddresses=(f"SMTP:u{number}@corp.example.com", f"sip:u{number}@corp.example.com"),
            **photo,
            **boss,
        )
    return made


def timed(made: Forest, kind: str) -> float:
    start = time.perf_counter()
    made.cycle(kind)
    return time.perf_counter() - start


def measure(people: int) -> None:
    made = forest(people)
    before = memory()
    first = timed(made, "Full")
    held = memory() - before
    again = timed(made, "Full")
    for number in range(0, people, 100):
        made.directory.set(f"p{number}", {"title": ("Chief",)})
    delta = timed(made, "Delta")
    print(  # a benchmark prints
        f"{people:>8} people: first full cycle {first:6.2f} s, nothing changed {again:6.2f} s, delta with 1 % changed {delta:5.2f} s, "
        f"{held:7.1f} MB more ({held * 1024 / people:.1f} kB a person, profile store included)"
    )


if __name__ == "__main__":
    for count in [int(text) for text in sys.argv[1:]] or [2000, 10000]:
        measure(count)
