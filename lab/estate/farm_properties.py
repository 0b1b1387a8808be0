# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The profile properties that a farm has from its creation, and what their types hold.

The list is what the SharePoint connector exposes (reference page `sharepoint-and-setup`, 4.1), without the
attributes that only the connector knows (Anchor, ProfileIdentifier, domain, export_password).
"""

from __future__ import annotations

from dataclasses import dataclass, field

# The documented maximum of a `string (Single Value)` property; built-in lengths stand in no source, so none is shorter here.
LONGEST_STRING = 3600

# SharePointDsc's names of the types -> the store's own
TYPE_NAMES = {
    "Big Integer": "big integer",
    "Binary": "binary",
    "Boolean": "boolean",
    "Date": "date",
    "DateNoYear": "datenoyear",
    "Date Time": "datetime",
    "Email": "email",
    "Float": "float",
    "HTML": "HTML",
    "Integer": "integer",
    "Person": "Person",
    "String (Single Value)": "stringsinglevalue",
    "String (Multi Value)": "stringmultivalue",
    "TimeZone": "timezone",
    "Unique Identifier": "unique identifier",
    "URL": "URL",
}

INTEGER_TYPES = frozenset({"integer", "big integer"})


@dataclass
class CoreProperty:
    """`type` is one of the store's own names (values of TYPE_NAMES). `length` is 0 where the type has none."""

    name: str
    type: str
    length: int = 0
    display_name: str = ""
    description: str = ""
    multivalued: bool = False
    built_in: bool = False
    # Further settings by the names of SPUserProfileProperty
    settings: dict[str, object] = field(default_factory=dict)

    @property
    def is_reference(self) -> bool:
        return self.type == "Person"


_STRINGS = """FirstName LastName SPS-PhoneticFirstName SPS-PhoneticLastName SPS-PhoneticDisplayName WorkPhone CellPhone HomePhone Fax
Office Title Department UserName WebSite SPS-DataSource SPS-SipAddress SPS-StatusNotes SPS-Peers SPS-ClaimID
SPS-ClaimProviderID SPS-ClaimProviderType SPS-LastColleagueAdded SPS-LastKeywordAdded SPS-OWAUrl SPS-SavedAccountName SPS-ObjectExists
SPS-UserPrincipalName SPS-FeedIdentifier SPS-PersonalSiteFirstCreationTime SPS-PersonalSiteLastCreationTime
SPS-PersonalSiteFirstCreationError SPS-MUILanguages SPS-ContentLanguages SPS-PictureTimestamp SPS-RecipientTypeDetails
PulseMRUPeople msOnline-ObjectId SPS-PointPublishingUrl SPS-TenantInstanceId PreferredName SPS-JobTitle SPS-Department SPS-Location
SPS-DistinguishedName SPS-SourceObjectDN AccountName QuickLinks"""
_MULTIPLE = "SPS-MemberOf SPS-Responsibility SPS-ProxyAddresses SPS-PastProjects SPS-Skills SPS-School SPS-Interests SPS-HashTags"
_PERSONS = "Manager Assistant SPS-Dotted-line SPS-ResourceAccountName SPS-MasterAccountName"
_INTEGERS = """SPS-DisplayOrder SPS-EmailOptin SPS-PrivacyActivity SPS-PicturePlaceholderState SPS-PictureExchangeSyncState
SPS-O15FirstRunExperience SPS-PersonalSiteInstantiationState SPS-PersonalSiteCapabilities SPS-PersonalSiteNumberOfRetries SPS-Locale
SPS-CalendarType SPS-AltCalendarType SPS-AdjustHijriDays SPS-WorkDays SPS-WorkDayStartHour SPS-WorkDayEndHour SPS-FirstDayOfWeek
SPS-FirstWeekOfYear SPS-UserType DelveFlags"""
_BOOLEANS = """SPS-MySiteUpgrade SPS-PrivacyPeople SPS-RegionalSettings-FollowWeb SPS-RegionalSettings-Initialized SPS-ShowWeeks SPS-Time24
OfficeGraphEnabled SPS-HideFromAddressLists"""
_URLS = "PersonalSpace PublicSiteRedirect PictureURL"


# What groups and contacts hold; nobody can add to these.
OTHER_KINDS = {
    "group": {
        item.name.casefold(): item
        for item in (
            *(CoreProperty(name, "stringsinglevalue", LONGEST_STRING) for name in ("PreferredName", "Description", "MailNickName", "SourceReference")),
            CoreProperty("Url", "URL", 2048),
            CoreProperty("GroupType", "integer"),
            CoreProperty("SID", "binary", 512),
            CoreProperty("Member", "Person", multivalued=True),
        )
    },
    "contact": {
        item.name.casefold(): item
        for item in (
            CoreProperty(name, "stringsinglevalue", LONGEST_STRING)
            for name in ("PreferredName", "SPS-DistinguishedName", "SPS-SourceObjectDN", "UserName_Contact")
        )
    },
}


def default_properties() -> dict[str, CoreProperty]:
    """By lower-case name, each a new object."""
    found: list[CoreProperty] = []
    found += [CoreProperty(name, "stringsinglevalue", LONGEST_STRING) for name in _STRINGS.split()]
    found += [CoreProperty(name, "stringmultivalue", LONGEST_STRING, multivalued=True) for name in _MULTIPLE.split()]
    found += [CoreProperty(name, "Person", 250) for name in _PERSONS.split()]
    found += [CoreProperty("SPS-DontSuggestList", "Person", 250, multivalued=True)]
    found += [CoreProperty(name, "integer") for name in _INTEGERS.split()]
    found += [CoreProperty(name, "boolean") for name in _BOOLEANS.split()]
    found += [CoreProperty(name, "URL", 2048) for name in _URLS.split()]
    found += [
        CoreProperty("WorkEmail", "email", LONGEST_STRING),
        CoreProperty("AboutMe", "HTML", LONGEST_STRING),
        CoreProperty("SPS-HireDate", "date"),
        CoreProperty("SPS-Birthday", "datenoyear"),
        CoreProperty("SPS-TimeZone", "timezone"),
        CoreProperty("UserProfile_GUID", "unique identifier"),
        CoreProperty("SID", "binary", 512),
    ]
    for item in found:
        item.built_in = True
        item.display_name = item.name
    return {item.name.casefold(): item for item in found}
