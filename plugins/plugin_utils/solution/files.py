# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files of a solution's folder on the synchronization host, wherever they come from.

Sources: the built-in solution; the PnP solution at its pinned commit (OfficeDev/PnP-Tools, Solutions/UserProfile.MIMSync, MIT licence), whose
hashes are known without a download; a local folder with somebody's own files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..configuration.document import DEFAULT_LIMITS, parse
from ..errors import DocumentError, InputError
from .builder import DIRECTORY_AGENT, METAVERSE_FILE, build_files

MODULE_FILE = "SharePointSync.psm1"
FULL_TASK_FILE = "MIMSharePointSyncTask.ps1"
DELTA_TASK_FILE = "MIMSharePointSyncDelta.ps1"
EXTENSION_FILE = "SynchronizationRulesExtensions.cs"
# Only the built-in extension is in two files.
NAMES_FILE = "DistinguishedNames.cs"
# The extension whose rules stand in a rules file.
RULES_FILES = (
    "PatternParser.cs",
    "Patterns.cs",
    "RuleConversions.cs",
    "RuleDates.cs",
    "RuleEvaluation.cs",
    "RuleFile.cs",
    "RuleFileExtension.cs",
    "RuleFunctions.cs",
    "RuleNames.cs",
    "RuleProvisioning.cs",
    "RuleRandom.cs",
    "RuleTests.cs",
    "RuleText.cs",
    "RuleValues.cs",
)
PNP_URL = "https://raw.githubusercontent.com/pnp/PnP-Tools/6a1d0c3d6ae07faa4bd81a4eee277299b7b27ce9/Solutions/UserProfile.MIMSync"
PNP_FILES = {
    "MA-ADMA.XML": "3da57f89297c8e6f705748047b70160eb823fb272909d1b3c1b1f4e0710d272f",
    "MA-SPMA.XML": "38af682fcb799f82f412ba748ea797f8476ad64cd50f369fd4007ab098568b4c",
    "MV.XML": "56d4786ebd95e525c560a083128d27bd0dac99ff13a53f00f641d6179577ed41",
    MODULE_FILE: "9202df5ea31e87d610e78f24327f0732a0683a377fe81ae2a9945e64c9d8cdcc",
    EXTENSION_FILE: "db3d20301dc8b0fe707ecef5c17e70df503222bb60f23b83ff1e4bf20fff057e",
}
_COLLECTION = Path(__file__).resolve().parents[3]
_AGENT_NAME = re.compile(r"MA-.+\.XML", re.IGNORECASE)


@dataclass(frozen=True)
class SolutionFile:
    """`content` is None while it has not been fetched; `sha256` is in lower case."""

    name: str
    sha256: str
    content: bytes | None = None


@dataclass(frozen=True)
class Solution:
    """`extension_sources` are the names of the C# files that make up the rules extension; `notes` are for the user."""

    files: tuple[SolutionFile, ...]
    extension_sources: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def hashes(self) -> dict[str, str]:
        return {file.name: file.sha256 for file in self.files}


def built_in(directory_agents: Sequence[str] = (DIRECTORY_AGENT,)) -> Solution:
    """Everything of our own, with these Active Directory agents. Raises InputError for names that cannot be."""
    code = code_files()
    for name in (FULL_TASK_FILE, DELTA_TASK_FILE):
        code[name] = _with_agents(code[name], directory_agents)
    return Solution(_hashed(build_files(directory_agents) | code), (EXTENSION_FILE, NAMES_FILE))


def _with_agents(script: bytes, directory_agents: Sequence[str]) -> bytes:
    """A task script that names its agents where they are not the standard one."""
    if list(directory_agents) == [DIRECTORY_AGENT]:
        return script
    # Names have no quotation marks (`check_names`).
    listed = ", ".join(f"'{name}'" for name in directory_agents)
    return re.sub(rb"(?m)^Start-SharePointSync ", f"Start-SharePointSync -DirectoryAgent {listed} ".encode(), script)


def pinned() -> Solution:
    """The PnP solution without its contents, with our task scripts."""
    known = [SolutionFile(name, digest) for name, digest in PNP_FILES.items()]
    tasks = _hashed({name: content for name, content in code_files().items() if name in (FULL_TASK_FILE, DELTA_TASK_FILE)})
    return Solution((*known, *tasks), (EXTENSION_FILE,))


def from_folder(files: Mapping[str, bytes]) -> Solution:
    """Files that the user brings: a configuration at least; code that is not among them comes from the built-in solution.

    Raises InputError when the configuration is not whole, DocumentError when one of its files is damaged.
    """
    configuration = {name: content for name, content in files.items() if name.upper() == METAVERSE_FILE or _AGENT_NAME.fullmatch(name)}
    if not any(name.upper() == METAVERSE_FILE for name in configuration) or len(configuration) < 2:
        raise InputError(f"a solution's folder holds {METAVERSE_FILE} and a file MA-<name>.XML for each agent; found: {', '.join(sorted(files)) or 'nothing'}")
    for name, content in configuration.items():
        parse(content, name)
    own = {wanted: content for wanted in (MODULE_FILE, EXTENSION_FILE) for name, content in files.items() if name.casefold() == wanted.casefold()}
    code = code_files()
    sources = (EXTENSION_FILE,) if EXTENSION_FILE in own else (EXTENSION_FILE, NAMES_FILE)
    if EXTENSION_FILE in own:
        del code[NAMES_FILE]
    notes = tuple(f"{name} is not in the folder: the built-in one is used" for name in (MODULE_FILE, EXTENSION_FILE) if name not in own)
    return Solution(_hashed(configuration | code | own), sources, notes)


def with_rules_engine(solution: Solution) -> Solution:
    """The solution with the extension that reads a rules file, which takes the place of its own."""
    folder = _COLLECTION / "rules_extension"
    sources = {name: (folder / "rules" / name).read_bytes() for name in RULES_FILES} | {NAMES_FILE: (folder / NAMES_FILE).read_bytes()}
    own = tuple(file for file in solution.files if file.name != NAMES_FILE)
    return Solution((*own, *_hashed(sources)), (*RULES_FILES, NAMES_FILE), solution.notes)


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files directly in a folder of this computer. Raises InputError without one, DocumentError for a file that is too large."""
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder} on this computer")
    found = {}
    for path in sorted(folder.iterdir()):
        if not path.is_file():
            continue
        if path.stat().st_size > DEFAULT_LIMITS.size:
            raise DocumentError(f"{path.name} holds {path.stat().st_size} bytes; {DEFAULT_LIMITS.size} are the most that is read.")
        found[path.name] = path.read_bytes()
    return found


def code_files() -> dict[str, bytes]:
    """The built-in solution's PowerShell and C#."""
    scripts = {name: _COLLECTION / "roles" / "sync_solution" / "files" / name for name in (MODULE_FILE, FULL_TASK_FILE, DELTA_TASK_FILE)}
    sources = {name: _COLLECTION / "rules_extension" / name for name in (EXTENSION_FILE, NAMES_FILE)}
    return {name: path.read_bytes() for name, path in (scripts | sources).items()}


def differing(solution: Solution, present: Mapping[str, str]) -> tuple[SolutionFile, ...]:
    """Files that the host does not hold, or holds otherwise. `present` maps names to SHA-256."""
    return tuple(file for file in solution.files if present.get(file.name, "").lower() != file.sha256)


def described(hashes: Mapping[str, str], names: Iterable[str]) -> str:
    """One line a file, for a diff."""
    return "".join(f"{name} {hashes.get(name, 'absent')}\n" for name in sorted(names))


def checked(file: SolutionFile, content: bytes, origin: str) -> SolutionFile:
    """The file with its content. Raises InputError when the content is not what was pinned."""
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise InputError(f"{origin} holds another file than the one that is expected: SHA-256 {found}, expected {file.sha256}")
    return SolutionFile(file.name, file.sha256, content)


def _hashed(files: Mapping[str, bytes]) -> tuple[SolutionFile, ...]:
    return tuple(SolutionFile(name, hashlib.sha256(content).hexdigest(), content) for name, content in files.items())
