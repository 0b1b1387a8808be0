# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The user's words for values of the documents, both ways."""

from __future__ import annotations

from collections.abc import Mapping

from ..configuration.model import StepKind

DEPROVISIONING: Mapping[str, str] = {
    "disconnect": "make-normal-disconnector",
    "disconnect-explicitly": "make-explicit-disconnector",
    "delete": "delete-object",
}
SCRIPTED = "scripted"
# Rules that synchronization rules of the portal have made: to be read here, not to be changed.
PORTAL = "sync-rule"
DELETION: Mapping[str, str] = {"last": "declared-last", "any": "declared-any", "declared": "declared", SCRIPTED: SCRIPTED}
PROVISIONING = ("none", "scripted", "sync-rule", "both")
PRECEDENCE = ("first", "last", "equal", "manual")
SYNTAXES = ("string", "binary", "boolean", "reference", "integer")
STANDARD = "standard"
STATES = ("merged", "replaced", "overridden", "deleted")

# A run step's document words: type and subtypes.
STEP_TYPES: Mapping[StepKind, tuple[str, tuple[str, ...]]] = {
    StepKind.FULL_IMPORT: ("full-import", ("to-cs",)),
    StepKind.DELTA_IMPORT: ("delta-import", ("to-cs",)),
    StepKind.FULL_IMPORT_DELTA_SYNC: ("full-import", ()),
    StepKind.FULL_IMPORT_FULL_SYNC: ("full-import-reevaluate-rules", ()),
    StepKind.DELTA_IMPORT_DELTA_SYNC: ("delta-import", ()),
    StepKind.FULL_SYNC: ("apply-rules", ("reevaluate-flow-connectors",)),
    StepKind.DELTA_SYNC: ("apply-rules", ("apply-pending",)),
    StepKind.EXPORT: ("export", ()),
}
STANDARD_PROFILES: Mapping[str, StepKind] = {
    "FullImport": StepKind.FULL_IMPORT,
    "FullSync": StepKind.FULL_SYNC,
    "DeltaImport": StepKind.DELTA_IMPORT,
    "DeltaSync": StepKind.DELTA_SYNC,
}
EXPORT_PROFILE = "Export"
FILES: Mapping[str, str] = {"input_file": "run-config/input-file", "output_file": "run-config/output-file"}


def inverse(words: Mapping[str, str], document: str) -> str:
    """The user's word for a document's; the document's own where there is none."""
    return next((word for word, meant in words.items() if meant == document), document)
