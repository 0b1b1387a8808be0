# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a server holds after an import, against what was planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..configuration.compare import compare_folders
from ..configuration.compare_models import compare_models
from ..configuration.folder import Folder, read_folder


@dataclass(frozen=True)
class Verdict:
    """`wrong` is what must not be; `notes` is what a server made of a document that was new to it, without other meaning."""

    wrong: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def verify(planned: Folder, before: Folder, exported: Mapping[str, bytes]) -> Verdict:
    """Compares as values and as documents.

    A document that the server knew before must be as planned, element by element. One that was new to it may be
    written in another way, as long as it means the same.
    """
    after = read_folder(exported)
    wrong = [str(difference) for difference in compare_models(planned.model(), after.model())]
    known = {*before.agents, *(["metaverse"] if before.agents else [])}
    differences = compare_folders(planned, after)
    wrong += [str(difference) for difference in differences if difference.file in known]
    notes = [str(difference) for difference in differences if difference.file not in known]
    return Verdict(tuple(dict.fromkeys(wrong)), tuple(notes))
