# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A further domain of a forest: its own naming context, accounts and policy; configuration and schema are the forest's.

Names, SIDs and principal names are unique or found forest-wide, account names and the aliases of CN=Builtin by domain.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from .directory import Directory
from .directory_names import domain_dn

if TYPE_CHECKING:
    from .directory_entry import Entry

_ALIASES = "S-1-5-32"
# What a domain keeps for itself; everything else belongs to the forest.
OWN = ("dns_name", "netbios_name", "domain_dn", "random", "domain_sid", "invocation_id", "next_rid")


class DomainSids(MutableMapping[str, "Entry"]):
    """SIDs of the forest; those of CN=Builtin are the same in every domain, and each domain means its own."""

    def __init__(self, forest: MutableMapping[str, Entry]) -> None:
        self._forest = forest
        self._aliases: dict[str, Entry] = {}

    def _table(self, sid: str) -> MutableMapping[str, Entry]:
        return self._aliases if sid.startswith(_ALIASES) else self._forest

    def __getitem__(self, sid: str) -> Entry:
        return self._table(sid)[sid]

    def __setitem__(self, sid: str, entry: Entry) -> None:
        self._table(sid)[sid] = entry

    def __delitem__(self, sid: str) -> None:
        del self._table(sid)[sid]

    def __iter__(self) -> Iterator[str]:
        yield from self._aliases
        yield from (sid for sid in self._forest if not sid.startswith(_ALIASES))

    def __len__(self) -> int:
        return sum(1 for _unused in self)


class ChildDomain(Directory):
    """Made by `add_domain`. Change numbers and clock are the forest's: its controllers in the lab never lag behind each other."""

    def __init__(self, root: Directory, dns_name: str, netbios_name: str, *, seed: int = 0) -> None:
        self.dns_name, self.netbios_name = dns_name, netbios_name
        self.domain_dn = domain_dn(dns_name)
        self.random = random.Random(f"{seed} {dns_name}")
        self.domain_sid = "S-1-5-21-" + "-".join(str(self.random.randrange(10**8, 2**32)) for _unused in range(3))
        self.invocation_id = self.new_guid()
        self.next_rid = 1103
        self.join(root)

    def join(self, root: Directory) -> None:
        """Shares what belongs to the forest and becomes one of its domains."""
        self.root, self.recycle_bin, self.schema = root, root.recycle_bin, root.schema
        self.configuration_dn, self.schema_dn = root.configuration_dn, root.schema_dn
        self.heads, self.by_guid, self.by_upn = root.heads, root.by_guid, root.by_upn
        self.hashes, self.descriptor_cache = root.hashes, root.descriptor_cache
        self.by_sid, self.by_account = DomainSids(root.by_sid), {}
        self.domains = root.domains
        self.domains.append(self)

    @property
    def usn(self) -> int:
        return self.root.usn

    @usn.setter
    def usn(self, value: int) -> None:
        self.root.usn = value

    @property
    def clock(self) -> Callable[[], float]:
        return self.root.clock

    @clock.setter
    def clock(self, value: Callable[[], float]) -> None:
        self.root.clock = value

    def own_state(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in OWN}

    def __reduce__(self) -> tuple[Any, ...]:
        """The forest's root brings all of its domains along."""
        return domain_in, (self.root, self.dns_name)


def domain_in(root: Directory, dns_name: str) -> Directory:
    return next(domain for domain in root.domains if domain.dns_name == dns_name)


def restored(root: Directory, state: dict[str, Any]) -> ChildDomain:
    """A domain as `own_state` described it, without entries in its own tables yet."""
    domain = ChildDomain.__new__(ChildDomain)
    domain.__dict__.update(state)
    domain.join(root)
    return domain
