# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One file an aspect of the configuration: what differs there, in words and as edits."""

from __future__ import annotations
