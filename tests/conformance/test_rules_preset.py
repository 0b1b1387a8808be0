# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules of `include: [sharepoint]` do what the PnP solution's extension does: the same random calls on both Python twins."""

from __future__ import annotations

from collections import Counter

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.extension import EntryPointNotImplementedError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.engine.rules_file.extension import RuleFileExtension
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.rules.reader import read_rules
from ansible_collections.mimsync.sharepoint.tests.conformance.extension_cases import Answer, Case, Twin, comparable
from ansible_collections.mimsync.sharepoint.tests.conformance.extension_generator import UNKNOWN_RULES, cases

CALLS = 6000
SEED = 20240101
RULES = read_rules({"include": ["sharepoint"]})


class RulesTwin(Twin):
    """Calls the rules file's extension in place of PnP's."""

    def call(self, case: Case) -> Answer:
        if not case.keep or not isinstance(self.rules, RuleFileExtension):
            self.kept = RuleFileExtension(self, RULES)
        self.rules = self.kept  # type: ignore[assignment]  # both are extensions
        try:
            return super().call(Case(**{**case.__dict__, "keep": True}))
        except EntryPointNotImplementedError:
            return "unknown", ()


def differs_on_purpose(case: Case, pnp: Answer, ours: Answer) -> str:
    """Why the two may differ, empty when they may not. Listed in docs/rules.md."""
    if case.rule in UNKNOWN_RULES and case.entry_point in ("import", "export"):
        return "an unknown rule is an error, not silence"
    if pnp[0].startswith("throws") or ours[0].startswith("throws"):
        return "errors are told otherwise, and a missing attribute is no error" if pnp[0].startswith("throws") else "a damaged name is an error"
    if any(line.endswith("['']") or "''" in line for line in (*comparable(pnp)[1], *comparable(ours)[1])):
        return "an empty text is no value"
    if comparable(ours)[1] == ("cs.PreferredName=[]",) and not pnp[1]:
        return "what is not there may be cleared"
    if pnp[0] != ours[0] and pnp[0].lower() == ours[0].lower():
        return "types are written in small letters"
    return ""


def test_random_calls_end_alike() -> None:
    pnp_twin, our_twin = Twin(), RulesTwin()
    reasons: Counter[str] = Counter()
    different = []
    for case in cases(CALLS, SEED):
        pnp, ours = pnp_twin.call(case), our_twin.call(case)
        if comparable(pnp) == comparable(ours):
            reasons["alike"] += 1
            continue
        reason = differs_on_purpose(case, pnp, ours)
        reasons[reason] += 1
        if not reason:
            different.append((case, comparable(pnp), comparable(ours)))
    assert not different, f"{len(different)} of {CALLS} calls differ, the first: {different[0]}"
    assert reasons["alike"] > CALLS * 0.5, reasons
