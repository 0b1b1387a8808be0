# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The C# rules extension under Mono: rows of the decision tables by hand, and thousands of random calls against the Python twin."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.mimsync.sharepoint.tests.conformance.extension_cases import Answer, Case, Thing, Twin, answer_of, comparable, line_of
from ansible_collections.mimsync.sharepoint.tests.conformance.extension_generator import EXPORT_RULES, IMPORT_RULES, cases

SOURCES = Path(__file__).resolve().parents[2] / "rules_extension"
RANDOM_CALLS = 4000
SEED = 20160101
CALLER = Callable[[list[Case]], list[Answer]]


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> CALLER:
    """Compiles stand-ins, extension and runner, as the host's compiler would: C# 5, warnings are errors."""
    if shutil.which("mcs") is None or shutil.which("mono") is None:
        pytest.skip("Mono's compiler is not installed (Debian: mono-mcs, mono-runtime, libmono-system-core4.0-cil)")
    folder = tmp_path_factory.mktemp("extension")
    types = build(folder / "Microsoft.MetadirectoryServicesEx.dll", SOURCES / "standins")
    extension = build(folder / "SharePointSynchronization.dll", SOURCES, f"-r:{types}")
    runner = build(folder / "runner.exe", SOURCES / "tests", "-target:exe", "-r:System.Core.dll", f"-r:{types}", f"-r:{extension}")

    def run(wanted: list[Case]) -> list[Answer]:
        lines = "".join(f"{line_of(number, case)}\n" for number, case in enumerate(wanted))
        done = subprocess.run(["mono", str(runner)], input=lines.encode(), capture_output=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr.decode()
        answers = dict(answer_of(line) for line in done.stdout.decode().splitlines())
        return [answers[number] for number in range(len(wanted))]

    return run


def build(target: Path, folder: Path, *options: str) -> Path:
    command = ["mcs", "-langversion:5", "-warnaserror", "-target:library", f"-out:{target}", *options, *sorted(map(str, folder.glob("*.cs")))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def test_random_calls_end_as_on_the_python_twin(call: CALLER) -> None:
    wanted = cases(RANDOM_CALLS, SEED)
    twin = Twin()
    ours = [comparable(twin.call(case)) for case in wanted]
    theirs = [comparable(answer) for answer in call(wanted)]
    different = [(case, mono, python) for case, mono, python in zip(wanted, theirs, ours, strict=True) if mono != python]
    assert not different, f"{len(different)} of {len(wanted)} calls differ, the first: {different[0]}"


def test_random_calls_reach_every_outcome() -> None:
    twin = Twin()
    met = {(case.entry_point, twin.call(case)[0]) for case in cases(RANDOM_CALLS, SEED)}
    assert {
        ("project", "yes:Person"),
        ("project", "yes:contact"),
        ("project", "yes:group"),
        ("project", "no"),
        ("project", "throws:UnexpectedDataException"),
        ("import", "done"),
        ("import", "throws:UnexpectedDataException"),
        ("export", "done"),
        ("export", "throws:UnexpectedDataException"),
        ("export", "throws:DeclineMappingException"),
        ("provision", "done"),
        ("provision", "throws:ObjectAlreadyExistsException"),
        ("provision", "throws:NoSuchManagementAgentException"),
    } <= met


def display(name: str = "", dn: str = "CN=x", before: str = "") -> Case:
    person = ({"displayName": (name,)} if name else {}) | {"distinguishedName": (dn,)}
    return Case("export", EXPORT_RULES[1], space=Thing("user", {"PreferredName": (before,)} if before else {}), metaverse=Thing("person", person))


@pytest.mark.parametrize(
    ("case", "preferred"),
    [
        (display(" Anna Berg "), "Anna Berg"),
        (display("  ", r"CN=Berg\, Anna,OU=Staff"), "Berg, Anna"),
        (display("", r"CN=Andr\C3\A9,DC=x"), "André"),
        (display("", r"CN=a\0Db"), "a b"),
        (display("", r"CN=\41\4"), "A"),
        (display("", "CN=A+SN=B,DC=x"), "A+SN=B"),
        (display("", "no equals sign"), "no equals sign"),
    ],
)
def test_the_name_to_show(call: CALLER, case: Case, preferred: str) -> None:
    assert comparable(call([case])[0]) == ("done", (f"cs.PreferredName={[preferred]}",))


def test_a_name_that_is_gone_is_cleared(call: CALLER) -> None:
    assert call([display("", "CN=,DC=x", before="Old")])[0] == ("done", ("cs.PreferredName=",))
    assert call([display("", "CN=,DC=x")])[0] == ("done", ())


def account(dn: str, *database: Thing, keep: bool = False) -> Case:
    person = Thing("person", {"distinguishedName": (dn,), "accountName": ("anna",)})
    return Case("export", EXPORT_RULES[0], metaverse=person, database=database, keep=keep)


DOMAIN = Thing("domain", {"type": ("DomainInfo",), "dc": ("corp",), "distinguishedName": ("DC=corp,DC=example,DC=com",)})
CROSSREF = Thing("crossref", {"nCName": ("DC=corp,DC=example,DC=com",), "nETBiosName": ("Example",)})


@pytest.mark.parametrize(
    ("case", "identifier"),
    [
        (account("CN=a,DC=corp,DC=example,DC=com", DOMAIN, CROSSREF), "Example\\anna"),
        (account("CN=a,DC=corp,DC=example,DC=com", DOMAIN), "CORP\\anna"),
        (account("CN=a,dc=Corp,dc=example,dc=com"), "CORP\\anna"),
        (account(r"CN=a\,DC=b,DC=corp,DC=example,DC=com"), "CORP\\anna"),
        (account("CN=a,DC=straße,DC=de"), "STRAßE\\anna"),
    ],
)
def test_the_account_with_its_domain(call: CALLER, case: Case, identifier: str) -> None:
    assert comparable(call([case])[0]) == ("done", (f"cs.ProfileIdentifier={[identifier]}",))


def test_a_guess_is_kept_until_the_extension_is_loaded_again(call: CALLER) -> None:
    dn = "CN=a,DC=corp,DC=example,DC=com"
    first, second, fresh = (comparable(answer)[1] for answer in call([account(dn), account(dn, DOMAIN, CROSSREF, keep=True), account(dn, DOMAIN, CROSSREF)]))
    assert first == second == (f"cs.ProfileIdentifier={['CORP' + chr(92) + 'anna']}",)
    assert fresh == (f"cs.ProfileIdentifier={['Example' + chr(92) + 'anna']}",)


def test_an_account_without_a_domain_changes_nothing(call: CALLER) -> None:
    assert call([account("DC=com"), account("CN=a, DC=corp")]) == [("done", ()), ("done", ())]


@pytest.mark.parametrize(
    ("proxies", "written"),
    [
        (("smtp:a@x", "SIP:a@x", "sip:b@x"), ("mv.SPS-SipAddress=['a@x']",)),
        (("sip:",), ("mv.SPS-SipAddress=['']",)),
        (("smtp:a@x",), ()),
        ((), ()),
    ],
)
def test_the_first_sip_address(call: CALLER, proxies: tuple[str, ...], written: tuple[str, ...]) -> None:
    case = Case("import", IMPORT_RULES[2], space=Thing("user", {"proxyAddresses": proxies}))
    assert comparable(call([case])[0]) == ("done", written)


def test_a_person_gets_a_profile_with_its_first_values(call: CALLER) -> None:
    person = Thing("person", {"accountName": ("anna",), "mail": ("a@x",), "displayName": ("Anna",), "sAMAccountName": ("other",)})
    wanted = ("new.AccountName=['anna']", "new.Anchor=['anna']", "new.UserName=['Anna']", "new.WorkEmail=['a@x']", "new=user")
    assert comparable(call([Case("provision", metaverse=person)])[0]) == ("done", wanted)
