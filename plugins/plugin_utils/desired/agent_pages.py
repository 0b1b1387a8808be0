# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pages of a connector's designer that parameters stand on (ECMA 2: ConfigParameterPage)."""

from __future__ import annotations

USES = frozenset({"connectivity", "global", "partition", "run-step", "schema", "capabilities"})
