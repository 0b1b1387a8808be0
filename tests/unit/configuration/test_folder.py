# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A set of files: which is what, how it travels, and what changed between two."""

from __future__ import annotations

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.compare import compare_folders
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.document import Limits
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import fingerprint, pack, read_folder, unpack
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import DocumentError

MV = b"<saved-mv-configuration server='S' export-date='1'><mv-data><version>1</version><provisioning type='none'/></mv-data></saved-mv-configuration>"

ID = "{0000000A-0000-0000-0000-000000000001}"


def agent(name: str, identifier: str = ID, root: str = "saved-ma-configuration", inner: str = "") -> bytes:
    return f"<{root} server='S'><ma-data><id>{identifier}</id><name>{name}</name>{inner}</ma-data></{root}>".encode()


def test_files_are_known_by_their_content() -> None:
    folder = read_folder({"mv.xml": MV, "Ma-X.XML": agent("One"), "other.xml": b"<r/>"})
    assert folder.metaverse is not None and folder.metaverse.name == "mv.xml"
    assert folder.agent("ONE") is not None
    assert folder.strangers == ("other.xml",)


def test_file_of_a_single_agent_is_an_agent_too() -> None:
    assert read_folder({"ma.xml": agent("One", root="export-ma")}).agent("one") is not None


def test_all_faults_are_listed_at_once() -> None:
    with pytest.raises(DocumentError) as caught:
        read_folder({"a.xml": b"<a>", "b.xml": b"\xff", "mv.xml": MV})
    assert [detail.split(" is ")[0] for detail in caught.value.details] == ["a.xml", "b.xml"]


def test_agents_of_one_name_are_told_apart_by_their_ids() -> None:
    folder = read_folder({"a.xml": agent("One"), "b.xml": agent("ONE", "{B}"), "c.xml": agent("Two", "{C}")})
    assert [found.name for found in folder.model().agents] == [f"One {ID}", "ONE {B}", "Two"]
    assert folder.agent(f"one {ID}") is not None


def test_agents_of_one_id_have_ids_of_their_own_in_the_model() -> None:
    model = read_folder({"a.xml": agent("One"), "b.xml": agent("Two"), "c.xml": agent("Two")}).model()
    assert [found.name for found in model.agents] == ["One", f"Two {ID}", f"Two {ID} in c.xml"]
    assert len({found.id for found in model.agents}) == 3


def test_set_is_written_back_unchanged(real_set: dict[str, bytes]) -> None:
    assert read_folder(real_set).write() == real_set


def test_documents_travel_compressed(real_set: dict[str, bytes]) -> None:
    packed = pack(real_set)
    assert unpack(packed) == real_set
    assert sum(map(len, packed.values())) < sum(map(len, real_set.values())) / 5


def test_damaged_or_inflated_travel_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"MV.XML arrived damaged"):
        unpack({"MV.XML": "AAAA"})
    with pytest.raises(DocumentError, match=r"MV.XML has more than the limit of 1,000 bytes"):
        unpack(pack({"MV.XML": b"x" * 5000}), Limits(size=1000))
    with pytest.raises(DocumentError, match="cut off"):
        unpack({"MV.XML": pack({"f": bytes(range(256)) * 9})["f"][:120]})


def test_fingerprint_leaves_out_what_an_export_changes_by_itself() -> None:
    later = MV.replace(b"export-date='1'", b"export-date='2'").replace(b"server='S'", b"server='OTHER'")
    assert fingerprint({"MV.XML": MV}) == fingerprint({"MV.XML": later})
    assert fingerprint({"MV.XML": MV}) != fingerprint({"MV.XML": MV.replace(b"none", b"both")})


def test_set_does_not_differ_from_itself(real_set: dict[str, bytes]) -> None:
    assert compare_folders(read_folder(real_set), read_folder(real_set)) == []


def test_layout_order_and_volatile_parts_are_no_difference() -> None:
    one = agent("A", inner="<version>1</version><attribute-inclusion><attribute>a</attribute><attribute>b</attribute></attribute-inclusion>")
    two = agent("A", inner="<!-- c -->\n<attribute-inclusion>\n<attribute>b</attribute><attribute> a </attribute></attribute-inclusion><version>2</version>")
    assert compare_folders(read_folder({"a.xml": one}), read_folder({"b.xml": two.replace(b"0000000A", b"0000000a")})) == []


def test_moved_precedence_is_a_move() -> None:
    flows = (
        '<import-attribute-flow><import-flow-set mv-object-type="p"><import-flows mv-attribute="m">{}</import-flows></import-flow-set></import-attribute-flow>'
    )
    first, second = '<import-flow src-ma="{1}" id="{A}"/>', '<import-flow src-ma="{2}" id="{B}"/>'
    before = f"<mv-data>{flows.format(first + second)}</mv-data>".encode()
    after = f"<mv-data>{flows.format(second + first)}</mv-data>".encode()
    [difference] = compare_folders(read_folder({"MV.XML": before}), read_folder({"MV.XML": after}))
    assert difference.kind == "moved"
    assert "import-flows[mv-attribute=m]" in difference.path


def test_differences_name_the_place_and_the_values(pnp_files: dict[str, bytes]) -> None:
    changed = dict(pnp_files)
    changed["MA-ADMA.XML"] = (
        changed["MA-ADMA.XML"]
        .replace(b"<forest-name>litware.com", b"<forest-name>corp.example.com")
        .replace(b"<inclusion>DC=Litware,DC=com<", b"<inclusion>OU=Staff,DC=Litware,DC=com<")
    )
    found = compare_folders(read_folder(pnp_files), read_folder(changed))
    assert [(difference.kind, difference.before, difference.after) for difference in found] == [
        ("changed", "litware.com", "corp.example.com"),
        ("removed", "DC=Litware,DC=com", ""),
        ("added", "", "OU=Staff,DC=Litware,DC=com"),
    ]
    assert "partition[DC=LITWARE" not in found[1].path and "partition[DC=Litware,DC=com]" in found[1].path


def test_missing_agent_is_a_difference() -> None:
    before, after = read_folder({"a.xml": agent("A")}), read_folder({"MV.XML": MV})
    assert [(difference.file, difference.kind) for difference in compare_folders(before, after)] == [("metaverse", "added"), ("a", "removed")]
