# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Identities and dates of the built configuration: the same for the same description, on every controller."""

from __future__ import annotations

import uuid

# The root of all ids: a name-based id of the collection's own name.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "mimsync.sharepoint")
# Dates say nothing about the configuration; the server replaces them. One fixed date keeps the files reproducible.
CREATED = "2016-01-01 00:00:00.000"
SERVER = "built-in"


def guid(*path: str) -> str:
    """A GUID as the server writes it (capitals, braces), from the names that lead to the thing, as in ('ADMA', 'partition', 'domain')."""
    return "{" + str(uuid.uuid5(NAMESPACE, "/".join(path))).upper() + "}"


def agent_id(name: str) -> str:
    """The id of a management agent."""
    return guid("agent", name)


def partition_id(agent: str, name: str) -> str:
    """The id of an agent's partition."""
    return guid("agent", agent, "partition", name)
