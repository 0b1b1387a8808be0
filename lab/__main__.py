# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`python -m lab`: hands over to the copy of the package inside the collection's import root."""

from __future__ import annotations

import sys

from ansible_collections.mimsync.sharepoint.lab.cli import main

sys.exit(main())
