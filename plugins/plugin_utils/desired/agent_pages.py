# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pages of a connector's designer that parameters stand on (ECMA 2: ConfigParameterPage)."""

from __future__ import annotations

from collections.abc import Sequence

from ..configuration.model import ParameterDefinition

USES = frozenset({"connectivity", "global", "partition", "run-step", "schema", "capabilities"})


def definition_of(definitions: Sequence[ParameterDefinition], name: str, use: str) -> ParameterDefinition | None:
    """What the connector says of the parameter on that page; of one that it knows from another page only, what it says there."""
    named = [item for item in definitions if item.name.casefold() == name.casefold()]
    return next((item for item in named if item.use == use), next(iter(named), None))
