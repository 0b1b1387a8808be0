# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The solution that the collection brings along: configuration, rules extension, PowerShell module."""

from __future__ import annotations

from .builder import build_files

__all__ = ["build_files"]
