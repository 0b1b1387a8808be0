# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a change of the configuration, or a cycle, does to people: worked out in memory, with nothing changed anywhere."""

from __future__ import annotations
