# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Twins of kds_root_key_read.ps1 and kds_root_key_write.ps1."""

from __future__ import annotations

from datetime import UTC, datetime

from ..estate.directory import DirectoryError, Entry
from ..estate.directory_accounts import root_keys, with_builtins
from ..estate.directory_entry import file_time, from_file_time
from ..estate.domains import domain_of, is_controller
from .registry import ScriptError, VerbAnswer, VerbCall, verb

_FORM = "%Y-%m-%dT%H:%M:%SZ"
_NOT_HERE = "The term '{}' is not recognized as the name of a cmdlet, function, script file, or operable program."
# What Add-KdsRootKey writes: key derivation SP800-108, Diffie-Hellman with 2048 bits.
_ALGORITHMS = {
    "msKds-Version": 1,
    "msKds-KDFAlgorithmID": "SP800_108_CTR_HMAC",
    "msKds-SecretAgreementAlgorithmID": "DH",
    "msKds-PublicKeyLength": 2048,
    "msKds-PrivateKeyLength": 512,
}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(_FORM)


def _check_host(call: VerbCall, cmdlet: str) -> None:
    """The cmdlets come with the role of a domain controller."""
    if not is_controller(call.host):
        raise ScriptError(_NOT_HERE.format(cmdlet), error_id="CommandNotFoundException", category="ObjectNotFound")


@verb("kds_root_key_read")
def read(call: VerbCall) -> VerbAnswer:
    _check_host(call, "Get-KdsRootKey")
    if call.host.estate is None:
        raise AssertionError("call.host.estate is there by construction")
    directory = domain_of(call.host)
    with call.host.estate.lock:
        return VerbAnswer({"now": _iso(directory.clock()), "keys": [_key(entry) for entry in root_keys(directory)]})


def _key(entry: Entry) -> dict[str, str]:
    return {
        "id": entry.name,
        "effective": _iso(from_file_time(entry.number("msKds-UseStartTime"))),
        "created": _iso(from_file_time(entry.number("msKds-CreateTime"))),
    }


@verb("kds_root_key_write")
def write(call: VerbCall) -> VerbAnswer:
    _check_host(call, "Add-KdsRootKey")
    if call.host.estate is None:
        raise AssertionError("call.host.estate is there by construction")
    directory = domain_of(call.host)
    moment = datetime.fromisoformat(call.parameters["EffectiveTime"].replace("Z", "+00:00"))
    with call.host.estate.lock:
        token = with_builtins(directory, call.session.groups | {call.session.sid})
        name = directory.new_guid()
        place = f"CN=Master Root Keys,CN=Group Key Distribution Service,CN=Services,{directory.configuration_dn}"
        attributes = {
            **_ALGORITHMS,
            "msKds-CreateTime": file_time(directory.clock()),
            "msKds-UseStartTime": file_time(moment.timestamp()),
            "msKds-DomainID": f"CN={call.host.name},OU=Domain Controllers,{directory.domain_dn}",
            # The lab derives no keys, so it keeps none.
            "msKds-RootKeyData": bytes(64),
        }
        try:
            directory.create(f"CN={name},{place}", "msKds-ProvRootKey", attributes, token=token)
        except DirectoryError as problem:
            raise ScriptError(problem.message) from problem
        return VerbAnswer({"id": name}, changed=True)
