# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connecting to a directory: what is told before and instead of it."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.connect import Directory, connect
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap.problems import LibraryMissing, Unreachable

SECRET = "Very-secret-1"
# Nobody listens on the discard port.
NOBODY = Directory("127.0.0.1", "EXAMPLE\\reader", SECRET, port=9)
ROOM = "ansible_collections.mimsync.sharepoint.plugins.plugin_utils.ldap"


def test_without_the_libraries_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("channel", "connection", "wire"):
        monkeypatch.delitem(sys.modules, f"{ROOM}.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "sansldap", None)
    with pytest.raises(LibraryMissing, match="pip install sansldap pyspnego"):
        connect(NOBODY)


def test_an_address_without_a_directory_is_named() -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9"):
        connect(NOBODY)


def test_a_protocol_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="'digest'"):
        connect(Directory("127.0.0.1", "EXAMPLE\\reader", SECRET, protocol="digest"))


def test_a_file_of_certificates_has_to_be_there() -> None:
    with pytest.raises(InputError, match=r"nowhere\.pem"):
        connect(Directory("127.0.0.1", "EXAMPLE\\reader", SECRET, tls=True, ca_file="nowhere.pem"))


def test_the_password_is_not_shown() -> None:
    assert SECRET not in repr(NOBODY)
