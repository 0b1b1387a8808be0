# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the lab's SharePoint holds, for a person to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .estate.farm import farm_of
from .operations import operation

if TYPE_CHECKING:
    from .estate.estate import Estate
    from .estate.farm import Farm
    from .estate.farm_profiles import Profile

COLUMNS = {"name": "PreferredName", "e-mail": "WorkEmail", "manager": "Manager", "office": "Office", "phone": "WorkPhone"}


def farm_in(estate: Estate) -> Farm:
    """The estate's farm; LookupError if no host carries one."""
    return next(farm for farm in map(farm_of, estate.hosts.values()) if farm is not None)


def profile_row(profile: Profile) -> dict[str, str]:
    """Account, name, e-mail, manager, office, phone and whether there is a picture."""
    row = {"account": profile.account}
    row |= {column: str(next(iter(profile.get(name)), "")) for column, name in COLUMNS.items()}
    return {**row, "picture": "yes" if profile.picture else "no"}


@operation
def profiles(estate: Estate, limit: int = 40) -> list[dict[str, str]]:
    """Profiles of people, by account."""
    store = farm_in(estate).service_application.store
    rows = sorted((profile_row(profile) for profile in store.live("user")), key=lambda row: row["account"].casefold())
    return rows[:limit]


@operation
def profile_totals(estate: Estate) -> dict[str, int]:
    """How many profiles there are of each kind, and how many people have what."""
    people = [profile_row(profile) for profile in farm_in(estate).service_application.store.live("user")]
    kinds = {f"{kind}s": sum(1 for _profile in farm_in(estate).service_application.store.live(kind)) for kind in ("group", "contact")}
    having = {f"with {column}": sum(row[column] not in ("", "no") for row in people) for column in ("e-mail", "manager", "picture")}
    return {"people": len(people), **having, **kinds}
