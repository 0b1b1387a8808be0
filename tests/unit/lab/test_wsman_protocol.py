# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SOAP messages: what is understood, what is refused and how."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET

import pytest
from ansible_collections.mimsync.sharepoint.lab.wsman import protocol
from hypothesis import given
from hypothesis import strategies as st

SHELL = protocol.SHELL
HEADER = (
    "<a:MessageID>uuid:1</a:MessageID><w:ResourceURI>{resource}</w:ResourceURI><a:Action>{action}</a:Action>"
    "<w:OperationTimeout>{timeout}</w:OperationTimeout><w:MaxEnvelopeSize>{size}</w:MaxEnvelopeSize>{more}"
)
SELECTOR = '<w:SelectorSet><w:Selector Name="ShellId">abc</w:Selector></w:SelectorSet>'


def envelope(action: str, body: str, *, more: str = SELECTOR, resource: str = protocol.COMMAND_SHELL, timeout: str = "PT20S", size: str = "153600") -> bytes:
    header = HEADER.format(resource=resource, action=action, timeout=timeout, size=size, more=more)
    names = f'xmlns:s="{protocol.SOAP}" xmlns:a="{protocol.ADDRESSING}" xmlns:w="{protocol.WSMAN}" xmlns:rsp="{SHELL}"'
    return f"<s:Envelope {names}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>".encode()


def refusal(data: bytes) -> protocol.WsmanFault:
    with pytest.raises(protocol.WsmanFault) as caught:
        protocol.parse(data)
    return caught.value


def test_create() -> None:
    body = '<rsp:Shell><rsp:WorkingDirectory>C:\\x</rsp:WorkingDirectory><rsp:Environment><rsp:Variable Name="A">1</rsp:Variable></rsp:Environment></rsp:Shell>'
    request = protocol.parse(envelope(f"{protocol.TRANSFER}/Create", body, more=""))
    assert request.operation == protocol.OpenShell("C:\\x", {"A": "1"})
    assert (request.message_id, request.timeout, request.max_envelope) == ("uuid:1", 20.0, 153600)


def test_command_with_arguments() -> None:
    option = '<w:OptionSet><w:Option Name="WINRS_CONSOLEMODE_STDIN">FALSE</w:Option></w:OptionSet>'
    body = "<rsp:CommandLine><rsp:Command>PowerShell</rsp:Command><rsp:Arguments>-NoProfile -x</rsp:Arguments></rsp:CommandLine>"
    request = protocol.parse(envelope(f"{SHELL}/Command", body, more=SELECTOR + option))
    assert request.operation == protocol.RunCommand("PowerShell", "-NoProfile -x", reads_input=True)
    assert request.shell_id == "ABC"


def test_send() -> None:
    body = f'<rsp:Send><rsp:Stream Name="stdin" CommandId="c" End="true">{base64.b64encode(b"data").decode()}</rsp:Stream></rsp:Send>'
    assert protocol.parse(envelope(f"{SHELL}/Send", body)).operation == protocol.SendInput("C", b"data", True)


def test_receive_signal_and_delete() -> None:
    receive = '<rsp:Receive><rsp:DesiredStream CommandId="c">stdout stderr</rsp:DesiredStream></rsp:Receive>'
    signal = '<rsp:Signal CommandId="c"><rsp:Code>stop</rsp:Code></rsp:Signal>'
    assert protocol.parse(envelope(f"{SHELL}/Receive", receive)).operation == protocol.ReceiveOutput("C")
    assert protocol.parse(envelope(f"{SHELL}/Signal", signal)).operation == protocol.SignalCommand("C", "stop")
    assert protocol.parse(envelope(f"{protocol.TRANSFER}/Delete", "")).operation == protocol.CloseShell()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", protocol.INVALID_BODY),
        (b"<a>", protocol.INVALID_BODY),
        (b"<a/>", protocol.INVALID_BODY),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', protocol.INVALID_BODY),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', protocol.INVALID_BODY),
        (b" " * (protocol.MAX_ENVELOPE + 1), protocol.ENVELOPE_TOO_LARGE),
        (envelope(f"{SHELL}/Nonsense", ""), protocol.INVALID_ACTION),
        (envelope(f"{protocol.TRANSFER}/Create", "<x/>", more="", resource="http://other"), protocol.INVALID_RESOURCE),
        (envelope(f"{protocol.TRANSFER}/Create", "<x/>", more=""), protocol.INVALID_BODY),
        (envelope(f"{protocol.TRANSFER}/Delete", "", more=""), protocol.INVALID_SELECTORS),
        (envelope(f"{protocol.TRANSFER}/Delete", "", timeout="20"), protocol.INVALID_BODY),
        (envelope(f"{protocol.TRANSFER}/Delete", "", size="many"), protocol.ENVELOPE_TOO_LARGE),
        (envelope(f"{SHELL}/Send", '<rsp:Send><rsp:Stream Name="stdin" CommandId="c">!!</rsp:Stream></rsp:Send>'), protocol.INVALID_BODY),
        (envelope(f"{SHELL}/Send", '<rsp:Send><rsp:Stream Name="pr" CommandId="c">AA==</rsp:Stream></rsp:Send>'), protocol.INVALID_BODY),
    ],
)
def test_fail_with_the_fault_that_fits(data: bytes, code: int) -> None:
    assert refusal(data).code == code


@given(st.binary(max_size=400))
def test_any_bytes_are_understood_or_refused(data: bytes) -> None:
    try:
        protocol.parse(data)
    except protocol.WsmanFault as fault:
        assert fault.code
    protocol.message_id_of(data)


@given(st.integers(0, 400))
def test_a_message_cut_anywhere_is_refused(cut: int) -> None:
    data = envelope(f"{protocol.TRANSFER}/Delete", "")
    if cut < len(data):
        assert refusal(data[:cut]).code == protocol.INVALID_BODY


@pytest.mark.parametrize(("text", "seconds"), [("PT20S", 20.0), ("PT1M30.5S", 90.5), ("PT1H", 1800.0)])
def test_timeouts(text: str, seconds: float) -> None:
    assert protocol.parse(envelope(f"{protocol.TRANSFER}/Delete", "", timeout=text)).timeout == seconds


def test_a_fault_names_code_machine_and_message() -> None:
    problem = protocol.WsmanFault("w:TimedOut", protocol.TIMED_OUT, "too <late>", sender=False)
    root = ET.fromstring(protocol.fault("uuid:1", problem, "host&1"))
    detail = root.find(".//{http://schemas.microsoft.com/wbem/wsman/1/wsmanfault}WSManFault")
    assert detail is not None
    assert (detail.get("Code"), detail.get("Machine")) == ("2150858793", "host&1")
    assert [each.text for each in root.iter(f"{{{protocol.SOAP}}}Text")] == ["too <late>"]
    assert root.findtext(f".//{{{protocol.ADDRESSING}}}RelatesTo") == "uuid:1"


def test_output_stays_within_the_envelope_that_the_client_takes() -> None:
    request = protocol.parse(envelope(f"{protocol.TRANSFER}/Delete", "", size="16384"))
    part = protocol.Output(b"x" * protocol.output_room(request.max_envelope), b"", None)
    assert len(protocol.output(request, "C", part)) <= 16384


def test_the_exit_code_comes_with_the_last_part_only() -> None:
    request = protocol.parse(envelope(f"{protocol.TRANSFER}/Delete", ""))
    assert b"ExitCode" not in protocol.output(request, "C", protocol.Output(b"a"))
    assert b"<rsp:ExitCode>3</rsp:ExitCode>" in protocol.output(request, "C", protocol.Output(b"", b"", 3))
