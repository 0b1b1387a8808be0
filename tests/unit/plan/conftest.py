# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures of the plan's tests."""

from __future__ import annotations

from plan_support import configured, facts, first, later, solution

__all__ = ["configured", "facts", "first", "later", "solution"]
