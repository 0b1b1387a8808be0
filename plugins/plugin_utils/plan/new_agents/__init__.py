# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents of agents that are made from nothing, in the order and form in which servers export them."""

from __future__ import annotations

from .document import blank_document
from .templates import template_agent

__all__ = ["blank_document", "template_agent"]
