# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A restoration as an order: the run that any other change takes, with the backup's documents as its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..plan.change import Plan
from ..plan.server import Server
from .backup import RESTORATION, Backup
from .enforcement import Order
from .restoration import Accounts, Restoration, restoration


def order_of(backup: Backup, files: Mapping[str, bytes], accounts: Accounts, read: Callable[[], Server]) -> Order:
    """`files` are the backup's, which has been checked; `accounts` says which passwords are known."""
    made: list[Restoration] = []

    def plan(present: Server) -> Plan:
        made.append(restoration(present.files, files, accounts, keeps_partitions=present.keeps_partitions()))
        return made[-1].plan

    return Order(
        read=read,
        plan=plan,
        notes=lambda: made[-1].notes,
        declaration=lambda: made[-1].credentials,
        texts=lambda _plan: (made[-1].before, made[-1].after),
        purpose=RESTORATION,
        what=f"restoration of {backup.name}",
    )
