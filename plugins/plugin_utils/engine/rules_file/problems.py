# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a rule fails on one object."""

from __future__ import annotations


class RuleProblem(Exception):
    """A value does not fit; the message completes `rule ..., object ..., attribute ...:`. `attribute` where it is known."""

    def __init__(self, message: str, attribute: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.attribute = attribute
