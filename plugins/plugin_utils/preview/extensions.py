# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules extensions that a preview knows: the solution's own, and the one that reads a rules file."""

from __future__ import annotations

from ..engine.extension import Registry
from ..engine.functions import SharePointRules
from ..engine.rules_file.extension import RuleFileExtension
from ..plan.completion import ASSEMBLY
from ..rules.model import RulesFile

# The name that the extension with a rules file has where it stands beside another one.
RULES_ASSEMBLY = "MimSync.Rules.dll"


def extensions_of(rules: RulesFile | None, assembly: str = ASSEMBLY) -> Registry:
    """With a rules file `assembly` reads it; without one it is the solution's own extension."""
    if rules is None:
        return Registry({ASSEMBLY: SharePointRules})
    return Registry({name: lambda utilities: RuleFileExtension(utilities, rules) for name in (assembly, RULES_ASSEMBLY)})
