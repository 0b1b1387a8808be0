# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`python -m plugins.plugin_utils.report <folder> [--against <folder>] --to <file.html|.json|.md>`, without Ansible.

Ends with 0, with 2 when two configurations differ, with 1 when there is no report.
"""

from __future__ import annotations

import gc
import sys

from .command import main

if __name__ == "__main__":
    # Every object lives until the file is written: looking for garbage would cost a third of the time.
    gc.disable()
    code = main(sys.argv[1:], sys.stdout, sys.stderr)
    sys.stdout.flush()
    sys.exit(code)
