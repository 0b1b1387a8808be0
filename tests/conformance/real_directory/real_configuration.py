# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The built-in solution for the real directory's domain."""

from __future__ import annotations

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.solution.builder import build_files
from samba_server import DOMAIN_DN
from side_by_side import STAFF


def solution_files() -> dict[str, bytes]:
    """Its files, people below OU=Staff."""
    files = dict(build_files())
    document = parse(files["MA-ADMA.XML"], "MA-ADMA.XML")
    for partition in document.root.require("ma-data").find_all("ma-partition-data/partition"):
        is_domain = partition.find_text("custom-data/adma-partition-data/is-domain") == "1"
        head = DOMAIN_DN if is_domain else f"CN=Configuration,{DOMAIN_DN}"
        partition.require("name").set_text(head)
        partition.require("custom-data/adma-partition-data/dn").set_text(head)
        partition.find_all("filter/containers/inclusions/inclusion")[0].set_text(STAFF if is_domain else f"CN=Partitions,{head}")
        for exclusion in partition.find_all("filter/containers/exclusions/exclusion"):
            exclusion.set_text(f"CN=Configuration,{DOMAIN_DN}")
    files["MA-ADMA.XML"] = document.write()
    return files
