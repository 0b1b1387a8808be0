# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What functions may ask for beside their values."""

from __future__ import annotations

from collections.abc import Callable

from ...rules.model import RulesFile
from ..extension import NoSuchAttributeError, Utilities, text_of
from .letters import shortened, upper
from .problems import RuleProblem

Texts = tuple[str, ...]


class Surroundings:
    """`domain_of`: a distinguished name's domain; `named`: a named value for the object at work; `now` in ticks since 1601, UTC."""

    def __init__(self, rules: RulesFile, utilities: Utilities, domain_of: Callable[[str], str | None], now: Callable[[], int]) -> None:
        self.rules = rules
        self.utilities = utilities
        self.domain_of = domain_of
        self.now = now
        self.named: Callable[[str], Texts] = _unbound

    def domain_name(self, dn: str) -> str | None:
        return self.domain_of(dn) or None

    def find(self, attribute: str, value: str, give: str, object_type: str) -> Texts:
        """The values of the one object found; nothing without one. RuleProblem for several."""
        try:
            found = [entry for entry in self.utilities.find_mv_entries(attribute, value) if upper(object_type) in ("", upper(entry.object_type))]
            if len(found) > 1:
                raise RuleProblem(f"{len(found)} metaverse objects hold {shortened(value)}", attribute)
            return tuple(text_of(item) for item in found[0].values(give)) if found else ()
        except NoSuchAttributeError as problem:
            raise RuleProblem("is not in the metaverse's schema", str(problem)) from problem


def _unbound(name: str) -> Texts:
    """Stands until the rules are compiled."""
    raise RuntimeError(f"the value {name} was asked for before the rules were compiled")
