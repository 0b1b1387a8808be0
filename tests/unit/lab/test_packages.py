# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""win_package: what is found installed, what msiexec is told, what it leaves in its log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.mimsync.sharepoint.lab.estate.host import Host, Program
from ansible_collections.mimsync.sharepoint.lab.estate.session import Session
from ansible_collections.mimsync.sharepoint.lab.estate.software.base import INSTALLERS, InstallResult, PackageKind, package_file
from ansible_collections.mimsync.sharepoint.lab.estate.software.command_line import CommandLineProblem, join_arguments, public_properties
from ansible_collections.mimsync.sharepoint.lab.modules.registry import ModuleFailure
from host_support import Caller, session_of
from hypothesis import given
from hypothesis import strategies as st

MODULE = "ansible.windows.win_package"
PRODUCT = "{11111111-1111-1111-1111-111111111111}"
PATCH = "{22222222-2222-2222-2222-222222222222}"
MSI, MSP, LOG = "C:\\Media\\own.msi", "C:\\Media\\own.msp", "C:\\Media\\own.log"


@dataclass
class FakeInstaller:
    """A product, or its patch; ends with `exit_code` and remembers the properties."""

    code: str = PRODUCT
    kind: PackageKind = PackageKind.MSI
    targets: tuple[str, ...] = ()
    hidden_properties: frozenset[str] = frozenset()
    exit_code: int = 0
    properties: dict[str, str] = field(default_factory=dict)

    def install(self, host: Host, session: Session, properties: Mapping[str, str]) -> InstallResult:
        self.properties = dict(properties)
        if self.exit_code in (0, 3010) and self.kind is PackageKind.MSI:
            host.programs[self.code] = Program(self.code, "Own", "1.0")
        for code in self.targets:
            host.programs[code].patches.append(self.code)
        return InstallResult(self.exit_code, "Own action ran.")

    def remove(self, host: Host, session: Session, properties: Mapping[str, str]) -> InstallResult:
        for program in host.programs.values():
            program.patches = [code for code in program.patches if code != self.code]
        host.programs.pop(self.code, None)
        return InstallResult(self.exit_code)


@pytest.fixture
def product(member: Caller) -> Iterator[FakeInstaller]:
    INSTALLERS["own"] = FakeInstaller()
    INSTALLERS["own-patch"] = FakeInstaller(PATCH, PackageKind.MSP, (PRODUCT,))
    member.host.files.make_folder("C:\\Media")
    member.host.files.write(MSI, package_file("own"))
    member.host.files.write(MSP, package_file("own-patch"))
    yield INSTALLERS["own"]  # type: ignore[misc]
    del INSTALLERS["own"], INSTALLERS["own-patch"]


def log_text(member: Caller) -> str:
    return member.host.files.read(LOG).decode("utf-16")


def test_check_apply_again_absent(member: Caller, product: FakeInstaller) -> None:
    assert member.checking()(MODULE, path=MSI) == {"changed": True, "rc": 0, "reboot_required": False}
    assert not member.host.programs.get(PRODUCT)
    digest = hashlib.sha1(package_file("own")).hexdigest().upper()
    assert member(MODULE, path=MSI) == {"changed": True, "rc": 0, "reboot_required": False, "failed": False, "checksum": digest}
    assert member(MODULE, path=MSI) == {"changed": False, "rc": 0, "reboot_required": False}
    assert member(MODULE, product_id=PRODUCT, state="absent")["changed"]
    assert not member(MODULE, product_id=PRODUCT, state="absent")["changed"]


def test_properties_of_a_text(member: Caller, product: FakeInstaller) -> None:
    member(MODULE, path=MSI, arguments='ACCEPT_EULA=1 installdir="C:\\Program Files\\Own" NAME="say ""hi""" EMPTY=""')
    assert product.properties == {"ACCEPT_EULA": "1", "INSTALLDIR": "C:\\Program Files\\Own", "NAME": 'say "hi"', "EMPTY": ""}


def test_properties_of_a_list(member: Caller, product: FakeInstaller) -> None:
    member(MODULE, path=MSI, arguments=["ACCEPT_EULA=1", "STORESERVER=SQL1"])
    assert product.properties == {"ACCEPT_EULA": "1", "STORESERVER": "SQL1"}


def test_list_entry_with_a_blank_is_quoted_as_a_whole_and_refused_by_msiexec(member: Caller, product: FakeInstaller) -> None:
    with pytest.raises(ModuleFailure, match="unexpected rc from") as caught:
        member(MODULE, path=MSI, arguments=["INSTALLDIR=C:\\Program Files\\Own"])
    assert caught.value.result["rc"] == 1639


def test_log_shows_properties_that_the_package_does_not_hide(member: Caller, product: FakeInstaller) -> None:
    member(MODULE, path=MSI, arguments="SERVICEPASSWORD=Open1 OTHER=x", log_path=LOG)
    assert "Property(S): SERVICEPASSWORD = Open1" in log_text(member)
    assert "Own action ran." in log_text(member)


def test_log_hides_what_the_package_hides(member: Caller, product: FakeInstaller) -> None:
    product.hidden_properties = frozenset({"SERVICEPASSWORD"})
    member(MODULE, path=MSI, arguments="SERVICEPASSWORD=Open1", log_path=LOG)
    assert "Open1" not in log_text(member)
    assert "SERVICEPASSWORD=**********" in log_text(member)


def test_log_needs_its_folder(member: Caller, product: FakeInstaller) -> None:
    with pytest.raises(ModuleFailure) as caught:
        member(MODULE, path=MSI, log_path="C:\\Nowhere\\own.log")
    assert caught.value.result["rc"] == 1622


def test_restart_is_reported(member: Caller, product: FakeInstaller) -> None:
    product.exit_code = 3010
    answer = member(MODULE, path=MSI)
    assert (answer["rc"], answer["reboot_required"]) == (3010, True)


def test_failure_tells_code_and_log(member: Caller, product: FakeInstaller) -> None:
    product.exit_code = 1603
    with pytest.raises(ModuleFailure, match=r"unexpected rc from 'C:\\Windows\\System32\\msiexec.exe /i C:\\Media\\own.msi /L\*V .* /qn /norestart'") as caught:
        member(MODULE, path=MSI)
    assert caught.value.result["rc"] == 1603
    assert "Own action ran." in caught.value.result["log"]


def test_expected_codes_may_be_others(member: Caller, product: FakeInstaller) -> None:
    product.exit_code = 1641
    assert member(MODULE, path=MSI, expected_return_code=[0, 1641])["rc"] == 1641


def test_wrong_checksum_installs_nothing(member: Caller, product: FakeInstaller) -> None:
    with pytest.raises(ModuleFailure, match=r"The checksum for C:\\Media\\own.msi did not match '00ff', it was '"):
        member(MODULE, path=MSI, checksum="00ff", checksum_algorithm="sha256")
    assert not member.host.programs.get(PRODUCT)


def test_right_checksum_in_small_letters(member: Caller, product: FakeInstaller) -> None:
    digest = hashlib.sha256(package_file("own")).hexdigest()
    assert member(MODULE, path=MSI, checksum=digest, checksum_algorithm="sha256")["checksum"] == digest.upper()


def test_missing_file(member: Caller, product: FakeInstaller) -> None:
    with pytest.raises(ModuleFailure, match=r"the file at the path 'C:\\Media\\other.msi' cannot be reached"):
        member(MODULE, path="C:\\Media\\other.msi")
    assert member.checking()(MODULE, path="C:\\Media\\other.msi")["changed"]


def test_damaged_package(member: Caller, product: FakeInstaller) -> None:
    member.host.files.write(MSI, b"not a package")
    with pytest.raises(ModuleFailure, match="This installation package could not be opened"):
        member(MODULE, path=MSI)


def test_patch_is_applied_once_and_taken_away(member: Caller, product: FakeInstaller) -> None:
    member(MODULE, path=MSI)
    assert member(MODULE, path=MSP)["changed"]
    assert not member(MODULE, path=MSP)["changed"]
    assert not member.checking()(MODULE, product_id=PATCH, path=MSP)["changed"]
    assert member(MODULE, product_id=PATCH, state="absent")["changed"]
    assert member.host.programs[PRODUCT].patches == []


def test_patch_without_its_product(member: Caller, product: FakeInstaller) -> None:
    with pytest.raises(ModuleFailure, match=r"The specified patch does not apply to any installed MSI packages\."):
        member(MODULE, path=MSP)


def test_url_is_downloaded_only_when_needed(member: Caller, product: FakeInstaller) -> None:
    estate = member.host.estate
    assert estate is not None
    estate.web["https://media.example.com/own.msi"] = package_file("own")
    assert member(MODULE, path="https://media.example.com/own.msi")["changed"]
    assert not member(MODULE, path="https://media.example.com/gone.msi", product_id=PRODUCT)["changed"]
    with pytest.raises(ModuleFailure, match=r"\(404\) Not Found"):
        member(MODULE, path="https://media.example.com/gone.msi")


def test_share_needs_credentials_to_hand_on(member: Caller, product: FakeInstaller) -> None:
    estate = member.host.estate
    assert estate is not None
    files = estate.hosts["FILES1"]
    files.files.make_folder("C:\\Share")
    files.files.write("C:\\Share\\own.msi", package_file("own"))
    files.shares["media"] = "C:\\Share"
    alone = Caller(member.host, session_of(member.host, "mimsetup", delegates=False))
    with pytest.raises(ModuleFailure, match="cannot be reached"):
        alone(MODULE, path="\\\\FILES1\\media\\own.msi")
    assert member(MODULE, path="\\\\FILES1\\media\\own.msi")["changed"]


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        ({"creates_path": "C:\\Windows\\System32\\cmd.exe"}, False),
        ({"creates_path": "C:\\Windows\\System32\\nope.exe"}, True),
        ({"creates_path": "C:\\Windows\\System32\\cmd.exe", "creates_version": "10.0.14393.0"}, False),
        ({"creates_path": "C:\\Windows\\System32\\cmd.exe", "creates_version": "10.0.1.0"}, True),
        ({"creates_service": "Spooler"}, False),
        ({"creates_service": "Nope"}, True),
    ],
)
def test_creates_options_decide(member: Caller, product: FakeInstaller, options: dict[str, Any], changed: bool) -> None:
    assert member.checking()(MODULE, path=MSI, **options)["changed"] is changed


def test_other_programs_are_not_started(member: Caller, product: FakeInstaller) -> None:
    member.host.files.write("C:\\Media\\setup.exe", b"MZ")
    with pytest.raises(ModuleFailure, match="starts no other program"):
        member(MODULE, path="C:\\Media\\setup.exe", product_id="Own")


values = st.text(st.characters(exclude_characters='"', exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=12)
names = st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True)


@given(st.dictionaries(names, values, max_size=5))
def test_properties_without_blanks_survive_a_list(pairs: dict[str, str]) -> None:
    assert public_properties(join_arguments([f"{name}={value}" for name, value in pairs.items()])) == pairs


@given(st.dictionaries(names, st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12), max_size=5))
def test_quoted_values_survive_a_text(pairs: dict[str, str]) -> None:
    doubled = {name: value.replace('"', '""') for name, value in pairs.items()}
    assert public_properties(" ".join(f'{name}="{value}"' for name, value in doubled.items())) == pairs


@pytest.mark.parametrize("text", ["lonely", "/i other.msi", '"A=b c"', "A=b c"])
def test_what_msiexec_does_not_understand(text: str) -> None:
    with pytest.raises(CommandLineProblem):
        public_properties(text)


def test_switches_and_logs_in_between_are_no_properties() -> None:
    assert public_properties('/qn A=1 /l*v "C:\\a b.log" /norestart B=2') == {"A": "1", "B": "2"}
