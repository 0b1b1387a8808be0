# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Declared against present configuration: an ordered list of changes that say and apply themselves."""

from __future__ import annotations

from .change import Change, Plan, Risk
from .facts import DirectoryFacts, Domain, ForestFacts, facts_of, questions_of
from .planner import Present, make_plan

__all__ = ["Change", "DirectoryFacts", "Domain", "ForestFacts", "Plan", "Present", "Risk", "facts_of", "make_plan", "questions_of"]
