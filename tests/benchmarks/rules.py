# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules extension under Mono against its Python twin: every function, test and kind of rule on at least 2,000 random inputs.

python tests/benchmarks/rules.py [rules of each] [calls of each rule]          (27 and 100 by default; about two minutes)
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.catalogue import BY_CHANCE, FUNCTIONS, TESTS
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.reader import read_rules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.xml_reader import parse_rules
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.xml_writer import write_rules
from ansible_collections.mimsync.sharepoint.tests.conformance.rule_cases import Case, Twin
from ansible_collections.mimsync.sharepoint.tests.conformance.rule_generator import suites
from ansible_collections.mimsync.sharepoint.tests.conformance.test_rule_file import call, compiled

WANTED = 2000


def main(each: int, calls: int) -> int:
    """0 if every outcome is the same and all were asked often enough."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        made = suites(1, each, calls)
        start = time.perf_counter()
        theirs = call(compiled(folder), folder, made)
        took = time.perf_counter() - start
    asked: Counter[str] = Counter()
    different: list[Case] = []
    for suite, answers in zip(made, theirs, strict=True):
        twin = Twin(parse_rules(write_rules(read_rules(suite.data))))
        for case, mono in zip(suite.cases, answers, strict=True):
            flow = case.entry_point in ("import", "export", "join")
            asked[case.rule.rpartition(" ")[0] if flow else case.entry_point] += 1
            if twin.call(case) != mono:
                different.append(case)
    few = sorted(name for name in (*FUNCTIONS, *TESTS) if name not in BY_CHANCE and asked[name] < WANTED)
    few += sorted(kind for kind in ("filter", "project", "resolve", "cleanup", "delete", "provision") if asked[kind] < WANTED)
    print(  # a benchmark prints
        f"{sum(asked.values()):,} calls of {len(asked)} functions, tests and kinds of rules, at least {min(asked.values()):,} of each: "
        f"{len(different)} differ; Mono took {took:.0f} s"
    )
    for case in different[:3]:
        print(case)
    if few:
        print(f"fewer than {WANTED} calls: {', '.join(few)}")
    return 1 if different or few else 0


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*(given or [27, 100])))
