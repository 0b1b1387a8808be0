# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Resources of SharePointDsc about single things in a farm: profile properties and timer jobs.

Properties and behaviour: reference page `sharepoint-and-setup`, 4.1 and 5.1.
"""

from __future__ import annotations

import re

from ..estate.farm import TimerJob
from ..estate.farm_profiles import ProfileStore
from ..estate.farm_properties import LONGEST_STRING, TYPE_NAMES, CoreProperty
from .dsc import DscCall, DscProblem, Resource, register
from .dsc_options import Property
from .dsc_sharepoint import ENSURE, MODULE, farm_for, service_application

_SETTINGS = (
    "PolicySetting", "PrivacySetting", "DisplayOrder", "IsEventLog", "IsVisibleOnEditor", "IsVisibleOnViewer", "IsUserEditable", "IsAlias",
    "IsSearchable", "IsReplicable", "UserOverridePrivacy",
)  # fmt: skip
_DEFAULT_TYPE = "String (Single Value)"
_SCHEDULE = re.compile(r"^(every \d+ minutes|hourly|daily|weekly|monthly|yearly|once)\b", re.IGNORECASE)

# --- SPUserProfileProperty


def _store(call: DscCall) -> ProfileStore:
    application = service_application(call, call.values["UserProfileService"])
    if application is None:
        raise DscProblem(f"Unable to find a service application with the name {call.values['UserProfileService']}")
    _refuse_unsimulated(call)
    return application.store


def _refuse_unsimulated(call: DscCall) -> None:
    terms = [call.given(name) for name in ("TermStore", "TermGroup", "TermSet")]
    if any(terms) and not all(terms):
        raise DscProblem("You have to provide all 3 parameters: TermStore, TermGroup and TermSet when providing any of the three")
    if any(terms):
        raise DscProblem("The lab's farm has no term store: TermStore, TermGroup and TermSet are not simulated.")
    if call.values["PropertyMappings"]:
        raise DscProblem("connection not found")


def _type(call: DscCall) -> str:
    return TYPE_NAMES[call.values["Type"] or _DEFAULT_TYPE]


def test_property(call: DscCall) -> bool:
    found = _store(call).property(call.values["Name"])
    if call.values["Ensure"] == "Absent" or found is None:
        return bool(call.values["Ensure"] == "Absent") == (found is None)
    if call.given("Type") and TYPE_NAMES[call.values["Type"]] != found.type:
        return False
    if call.given("DisplayName") and call.values["DisplayName"] != found.display_name:
        return False
    if call.given("Description") and call.values["Description"] != found.description:
        return False
    if call.given("Length") and call.values["Length"] != found.length:
        return False
    return all(not call.given(name) or call.values[name] == found.settings.get(name) for name in _SETTINGS)


def set_property(call: DscCall) -> None:
    store = _store(call)
    found = store.property(call.values["Name"])
    if call.values["Ensure"] == "Absent":
        if found is not None and found.built_in:
            raise DscProblem(f"The property {found.name} is a built-in property and cannot be removed.")
        store.remove_property(call.values["Name"])
        return
    if found is None:
        found = _new_property(call)
        store.properties[found.name.casefold()] = found
    elif call.given("Type") and _type(call) != found.type:
        raise DscProblem(f"Can't change property type. Current Type is {found.type}")
    if call.given("DisplayName"):
        found.display_name = call.values["DisplayName"]
    if call.given("Description"):
        found.description = call.values["Description"]
    found.settings.update({name: call.values[name] for name in _SETTINGS if call.given(name)})


def _new_property(call: DscCall) -> CoreProperty:
    """Length counts at creation only; a string without one gets the type's usual 25 characters."""
    kind = _type(call)
    length = call.values["Length"] or (25 if kind.startswith("string") else 0)
    if length > LONGEST_STRING:
        raise DscProblem(f"The length of a property must not be more than {LONGEST_STRING}.")
    name = call.values["Name"]
    return CoreProperty(name, kind, length, call.values["DisplayName"] or name, multivalued=kind == "stringmultivalue")


register(
    Resource(
        "SPUserProfileProperty",
        MODULE,
        (
            Property("Name", required=True),
            ENSURE,
            Property("UserProfileService", required=True),
            *(Property(name) for name in ("DisplayName", "Description", "TermStore", "TermGroup", "TermSet")),
            Property("Type", choices=tuple(TYPE_NAMES)),
            Property("PolicySetting", choices=("Mandatory", "Optin", "Optout", "Disabled")),
            Property("PrivacySetting", choices=("Public", "Contacts", "Organization", "Manager", "Private")),
            Property(
                "PropertyMappings",
                is_array=True,
                members=(
                    Property("ConnectionName", required=True),
                    Property("PropertyName", required=True),
                    Property("Direction", required=True, choices=("Import", "Export")),
                ),
            ),
            *(Property(name, "uint32") for name in ("Length", "DisplayOrder")),
            *(Property(name, "bool") for name in _SETTINGS[3:]),
        ),
        test_property,
        set_property,
    )
)

# --- SPTimerJobState


def _job(call: DscCall) -> TimerJob:
    found = farm_for(call).job(call.values["TypeName"])
    if found is None:
        raise DscProblem(f"No timer jobs found with the type '{call.values['TypeName']}'. Please check the input values")
    if call.given("Schedule") and not _SCHEDULE.match(call.values["Schedule"]):
        raise DscProblem(f"Invalid job schedule: '{call.values['Schedule']}'")
    return found


def test_job(call: DscCall) -> bool:
    found = _job(call)
    if call.given("Enabled") and call.values["Enabled"] != found.enabled:
        return False
    return not call.given("Schedule") or call.values["Schedule"].casefold() == found.schedule.casefold()


def set_job(call: DscCall) -> None:
    found = _job(call)
    if call.given("Enabled"):
        found.enabled = call.values["Enabled"]
    if call.given("Schedule"):
        found.schedule = call.values["Schedule"]


register(
    Resource(
        "SPTimerJobState",
        MODULE,
        (Property("TypeName", required=True), Property("WebAppUrl", required=True), Property("Enabled", "bool"), Property("Schedule")),
        test_job,
        set_job,
    )
)
