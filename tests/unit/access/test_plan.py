# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Single entries come and go; everything else stays."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.plan import holds, make_plan
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.rules import AccessRule, Resolved, wanted_aces
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.access.sddl import parse
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, PlanError
from hypothesis import assume, given
from hypothesis import strategies as st

from .descriptors import descriptors

AGENT = "EXAMPLE\\svc-adma"
SID = "S-1-5-21-1-2-3-1105"
PHOTO, USER = "8d3bca50-1d7e-11d0-a081-00aa006c33ed", "bf967aba-0de6-11d0-a285-00aa003049e2"
RESOLVED = Resolved(
    sids={AGENT: SID, "EXAMPLE\\Domain Admins": "S-1-5-21-1-2-3-512"},
    schema={"thumbnailphoto": PHOTO, "user": USER},
    names={SID: AGENT},
    domain_sid="S-1-5-21-1-2-3",
    root_sid="S-1-5-21-1-2-3",
)
HEAD = "DC=corp,DC=example,DC=com"
REPLICATE = AccessRule(AGENT, ("replicating_directory_changes",))
rules = st.builds(
    AccessRule,
    trustee=st.sampled_from(tuple(RESOLVED.sids)),
    rights=st.sampled_from(
        (("read_property", "write_property"), ("replicating_directory_changes",), ("create_child",), ("full_control",), ("reset_password", "delete"))
    ),
    access=st.sampled_from(("allow", "deny")),
    applies_to=st.sampled_from(("this_object", "descendants", "this_object_and_descendants")),
)


def after(text: str, *wanted: AccessRule) -> str:
    return make_plan(text, wanted, RESOLVED, path=HEAD).after


def absent(rule: AccessRule) -> AccessRule:
    return AccessRule(**{name: getattr(rule, name) for name in rule.__dataclass_fields__} | {"state": "absent"})


def touches_nothing_there(text: str, rule: AccessRule) -> bool:
    return after(text, absent(rule)) == text


@given(descriptors, rules)
def test_adding_and_removing_gives_the_first_text_back(text: str, rule: AccessRule) -> None:
    assume(touches_nothing_there(text, rule))
    assert after(after(text, rule), absent(rule)) == text


@given(descriptors, rules)
def test_a_second_time_changes_nothing(text: str, rule: AccessRule) -> None:
    once = after(text, rule)
    assert not make_plan(once, [rule], RESOLVED).changed
    gone = after(once, absent(rule))
    assert not make_plan(gone, [absent(rule)], RESOLVED).changed


@given(descriptors, rules)
def test_all_other_entries_stay_in_their_order(text: str, rule: AccessRule) -> None:
    before, now = parse(text), parse(after(text, rule))
    assert before.dacl is not None and now.dacl is not None
    added = {wanted.ace for wanted in wanted_aces(rule, RESOLVED)}
    assert [ace for ace in now.dacl.aces if ace not in added] == [ace for ace in before.dacl.aces if ace not in added]
    assert (now.owner, now.group, now.sacl, now.order) == (before.owner, before.group, before.sacl, before.order)
    assert all(holds(now.dacl, ace, RESOLVED) for ace in added)


def test_order_is_deny_allow_inherited() -> None:
    text = "D:AI(D;;SD;;;WD)(A;;RP;;;AU)(A;CIID;GA;;;SY)"
    assert after(text, REPLICATE) == f"D:AI(D;;SD;;;WD)(A;;RP;;;AU)(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;{SID})(A;CIID;GA;;;SY)"
    denied = after(text, AccessRule(AGENT, ("delete",), access="deny"))
    assert denied == f"D:AI(D;;SD;;;WD)(D;;SD;;;{SID})(A;;RP;;;AU)(A;CIID;GA;;;SY)"


def test_an_inherited_entry_does_not_count_and_is_not_removed() -> None:
    text = f"D:AI(OA;CIID;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;{SID})"
    assert make_plan(text, [REPLICATE], RESOLVED).changed
    assert after(text, absent(REPLICATE)) == text


def test_the_same_right_written_otherwise_is_recognized() -> None:
    text = f"D:(OA;;0x100;1131F6AA-9C07-11D1-F79F-00C04FC2DCD2;;{SID})"
    assert not make_plan(text, [REPLICATE], RESOLVED).changed
    admins = AccessRule("EXAMPLE\\Domain Admins", ("full_control",))
    assert not make_plan("D:(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;DA)", [admins], RESOLVED).changed


def test_removing_part_of_an_entry_leaves_the_rest() -> None:
    rule = AccessRule(AGENT, ("write_property",), attributes=("thumbnailPhoto",), state="absent")
    assert after(f"D:(OA;;RPWP;{PHOTO};;{SID})", rule) == f"D:(OA;;RP;{PHOTO};;{SID})"


def test_words_say_who_may_do_what_where() -> None:
    rule = AccessRule(AGENT, ("read_property", "write_property"), attributes=("thumbnailPhoto",), applies_to="descendants", inherited_object_class="user")
    changes = make_plan("D:", [REPLICATE, rule], RESOLVED, path=HEAD).changes
    assert [change.words for change in changes] == [
        f"{AGENT}: allow Replicating Directory Changes on {HEAD} (this object only)",
        f"{AGENT}: allow Read property, Write property thumbnailPhoto on {HEAD} (all descendants of class user)",
    ]
    assert changes[1].ace == f"(OA;CIIO;RPWP;{PHOTO};{USER};{SID})"


@pytest.mark.parametrize("text", ["O:DAG:DA", "D:NO_ACCESS_CONTROL"])
def test_a_descriptor_without_a_list_is_not_touched(text: str) -> None:
    with pytest.raises(PlanError, match="no list of access rights"):
        make_plan(text, [REPLICATE], RESOLVED)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"trustee": "EXAMPLE\\nobody", "rights": ("delete",)}, "not known in the domain"),
        ({"trustee": AGENT, "rights": ("fly",)}, "'fly' is neither"),
        ({"trustee": AGENT, "rights": ("write_property",), "attributes": ("shoeSize",)}, "no class or attribute 'shoeSize'"),
        ({"trustee": AGENT, "rights": ("delete",), "attributes": ("mail",)}, "'attributes' only go together"),
        ({"trustee": AGENT, "rights": ("delete",), "object_classes": ("user",)}, "'object_classes' only go together"),
        ({"trustee": AGENT, "rights": ("delete",), "inherited_object_class": "user"}, "needs 'applies_to'"),
        ({"trustee": AGENT, "rights": ("Personal Information",)}, "is a property set"),
        ({"trustee": AGENT, "rights": ()}, "at least one right"),
        ({"trustee": "", "rights": ("delete",)}, "needs a trustee"),
    ],
)
def test_what_cannot_be_is_refused_by_name(values: dict[str, object], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        make_plan("D:", [AccessRule(**values)], RESOLVED)  # type: ignore[arg-type]  # wrong on purpose
