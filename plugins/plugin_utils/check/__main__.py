# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command behind `make check-config` and `make schema`."""

from __future__ import annotations

import argparse
import sys

from ..desired.json_schema import schema_text
from ..desired.words import STATES
from ..errors import MimSyncError
from ..remote.controller_files import exported_files, variable_texts, write_files
from .pull_request import SAME, WRONG, check_declaration


def main(arguments: list[str] | None = None) -> int:
    """0: nothing would change, 2: something would, 1: the input is wrong."""
    parser = argparse.ArgumentParser(prog="make check-config", description="Plans a declaration against exported files, without a server.")
    parser.add_argument("--from", dest="export", help="folder with MV.XML and MA-*.XML")
    parser.add_argument("--config", help="YAML file, or folder of variables")
    parser.add_argument("--state", choices=STATES, default="merged")
    parser.add_argument("--to", help="file for the Markdown; without it the output")
    parser.add_argument("--schema", help="folder that the JSON schema is written to, and nothing else is done")
    try:
        given = parser.parse_args(arguments)
    except SystemExit as refused:
        # argparse ends with 2, which says here that something would change.
        return SAME if refused.code in (None, 0) else WRONG
    try:
        return _run(given)
    except MimSyncError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG


def _run(given: argparse.Namespace) -> int:
    if given.schema:
        write_files(given.schema, {"sync_configuration.json": schema_text().encode()}, "--schema")
        return SAME
    if not given.export or not given.config:
        sys.stderr.write("Two folders are needed: make check-config FROM=<folder of an export> CONFIG=<YAML file or group_vars folder>\n")
        return WRONG
    verdict = check_declaration(exported_files(given.export, "FROM"), variable_texts(given.config, "CONFIG"), given.state)
    if given.to:
        folder, _unused, name = given.to.rpartition("/")
        write_files(folder or ".", {name: verdict.markdown.encode()}, "TO")
    else:
        sys.stdout.write(verdict.markdown)
    return verdict.code


if __name__ == "__main__":
    sys.exit(main())
