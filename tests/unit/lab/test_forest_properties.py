# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random histories of a forest of two domains: each finds its own, change tracking ends where the tree is, a save keeps all of it."""

from __future__ import annotations

import pickle

from ansible_collections.mimsync.sharepoint.lab.estate.directory import Directory, DirectoryError
from ansible_collections.mimsync.sharepoint.lab.estate.directory_forest import add_domain, create_forest
from hypothesis import given
from hypothesis import strategies as st

NAMES = ("anna", "ben", "carl", "Änne")
ACTIONS = st.lists(
    st.tuples(st.sampled_from(("add", "delete", "manager", "rename")), st.integers(0, 1), st.sampled_from(NAMES), st.integers(0, 1)), max_size=25
)


def place(domain: Directory, name: str) -> str:
    return f"CN={name},CN=Users,{domain.domain_dn}"


def act(domains: list[Directory], action: str, home: int, name: str, other: int) -> None:
    """A refusal is an outcome as good as any."""
    domain, dn = domains[home], place(domains[home], name)
    try:
        if action == "add":
            domain.create(dn, "user", {"sAMAccountName": name})
        elif action == "delete":
            domain.delete(domain.get(dn))
        elif action == "manager":
            domain.set(domain.get(dn), {"manager": place(domains[other], "anna")})
        else:
            domain.move(domain.get(dn), None, f"{name} {other}")
    except DirectoryError:
        return


def people(domain: Directory) -> dict[str, tuple[str, str]]:
    found = domain.search(domain.domain_dn, query="(&(objectClass=user)(!(isCriticalSystemObject=TRUE)))")
    return {entry.guid: (entry.dn, str(entry.get("manager") or "")) for entry in found}


@given(ACTIONS)
def test_a_forest_keeps_its_domains_apart_and_together(actions: list[tuple[str, int, str, int]]) -> None:
    root = create_forest(seed=1)
    domains = [root, add_domain(root, "emea.corp.example.com", "EMEA", seed=1)]
    seen: list[set[str]] = [set(), set()]
    cookies = ["", ""]
    for action in actions:
        act(domains, *action)
        for number, domain in enumerate(domains):
            for page in domain.changes_since(cookies[number], domain.domain_dn):
                cookies[number] = page.cookie or cookies[number]
                for change in page.changes:
                    (seen[number].discard if change.deleted else seen[number].add)(change.guid)
    for number, domain in enumerate(domains):
        mine = people(domain)
        assert all(domain.holds(domain.by_guid[guid]) and dn.endswith(domain.domain_dn) for guid, (dn, _unused) in mine.items())
        assert all(domain.resolve(f"{domain.netbios_name}\\{domain.by_guid[guid].text('sAMAccountName')}") is domain.by_guid[guid] for guid in mine)
        assert not actions or mine.keys() <= seen[number]
    again = pickle.loads(pickle.dumps(root))
    assert [people(domain) for domain in again.domains] == [people(domain) for domain in domains]
    assert [domain.by_account.keys() for domain in again.domains] == [domain.by_account.keys() for domain in domains]
