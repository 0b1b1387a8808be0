# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""WS-Management for remote shells, without a socket: XML in, typed requests out; typed answers to XML.

Facts: MS-WSMV (Web Services Management Protocol Extensions for Windows Vista), DSP0226.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
COMMAND_SHELL = f"{SHELL}/cmd"
FAULT_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
DETAIL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail"
ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"

# MaxEnvelopeSizekb of winrm/config, in bytes.
MAX_ENVELOPE = 500 * 1024
DEFAULT_TIMEOUT = 60.0
MAX_TIMEOUT = 1800.0

INVALID_SELECTORS = 2150858843
TIMED_OUT = 2150858793
ENVELOPE_TOO_LARGE = 2150858790
INVALID_ACTION = 2150858753
INVALID_RESOURCE = 2150858811
INVALID_BODY = 2150858791
ACCESS_DENIED = 5
INTERNAL_ERROR = 1359


class WsmanFault(Exception):
    """A SOAP fault: `subcode` as in `w:TimedOut`, `code` of the WSManFault element, `sender` False for our own fault."""

    def __init__(self, subcode: str, code: int, reason: str, *, message: str = "", detail: str = "", sender: bool = True) -> None:
        super().__init__(reason)
        self.subcode = subcode
        self.code = code
        self.reason = reason
        self.message = message or reason
        self.detail = detail
        self.sender = sender


@dataclass(frozen=True)
class OpenShell:
    """`working_directory` and `environment` as the client asked for them."""

    working_directory: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunCommand:
    """`reads_input`: standard input follows by Send (WINRS_CONSOLEMODE_STDIN is FALSE)."""

    command: str
    arguments: str
    reads_input: bool = True


@dataclass(frozen=True)
class SendInput:
    command_id: str
    data: bytes
    end: bool


@dataclass(frozen=True)
class ReceiveOutput:
    command_id: str


@dataclass(frozen=True)
class SignalCommand:
    command_id: str
    code: str


@dataclass(frozen=True)
class CloseShell:
    pass


Operation = Union[OpenShell, RunCommand, SendInput, ReceiveOutput, SignalCommand, CloseShell]


@dataclass(frozen=True)
class Request:
    """`timeout` in seconds; `max_envelope` in bytes is the largest answer that the client takes."""

    message_id: str
    operation: Operation
    shell_id: str = ""
    timeout: float = DEFAULT_TIMEOUT
    max_envelope: int = MAX_ENVELOPE


@dataclass(frozen=True)
class Output:
    """What Receive hands out; `exit_code` is set when the command is done and all its output was handed out."""

    stdout: bytes = b""
    stderr: bytes = b""
    exit_code: int | None = None


def parse(data: bytes) -> Request:
    """Reads an envelope; raises WsmanFault. Entities and document types are refused."""
    if len(data) > MAX_ENVELOPE:
        reason = "The size of the request exceeded the configured envelope quota."
        raise WsmanFault("w:EncodingLimit", ENVELOPE_TOO_LARGE, reason, detail=f"{DETAIL}/MaxEnvelopeSize")
    root = _read_xml(data)
    header, body = root.find(f"{{{SOAP}}}Header"), root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or header is None or body is None:
        raise _malformed("The message is not a SOAP 1.2 envelope with a header and a body.")
    action = _text(header, ADDRESSING, "Action")
    resource = _text(header, WSMAN, "ResourceURI")
    if resource != COMMAND_SHELL:
        reason = "The WS-Management service cannot process the request. The resource URI does not name a resource that this service offers."
        raise WsmanFault("a:DestinationUnreachable", INVALID_RESOURCE, reason, detail=f"{DETAIL}/InvalidResourceURI")
    operation = _operation(action, header, body)
    shell_id = "" if isinstance(operation, OpenShell) else _shell_id(header)
    return Request(_text(header, ADDRESSING, "MessageID"), operation, shell_id, _timeout(header), _max_envelope(header))


def message_id_of(data: bytes) -> str:
    """The id that a fault relates to, found even in an envelope that cannot be used; empty if there is none."""
    found = re.search(rb"MessageID[^>]*>\s*([^<\s]{1,100})\s*<", data[:65536])
    return found.group(1).decode("ascii", "replace") if found else ""


def _read_xml(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise _malformed("The message is not well-formed XML.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _malformed("The message has a document type declaration, which SOAP forbids.")
    return root


def _malformed(reason: str) -> WsmanFault:
    return WsmanFault("w:SchemaValidationError", INVALID_BODY, f"The WS-Management service cannot process the request. {reason}")


def _text(element: etree._Element, namespace: str, name: str) -> str:
    found = element.find(f"{{{namespace}}}{name}")
    return (found.text or "").strip() if found is not None else ""


def _shell_id(header: etree._Element) -> str:
    selector = header.find(f"{{{WSMAN}}}SelectorSet/{{{WSMAN}}}Selector[@Name='ShellId']")
    if selector is None or not (selector.text or "").strip():
        message = "The Windows Remote Shell cannot process the request because it requires the following selector: ShellId. Retry with the correct selector."
        raise invalid_selectors(message)
    return (selector.text or "").strip().upper()


def invalid_selectors(message: str) -> WsmanFault:
    """What WinRM says of a shell or command id that it does not know; `message` says which."""
    reason = "The WS-Management service cannot process the request because the request contained invalid selectors for the resource."
    return WsmanFault("w:InvalidSelectors", INVALID_SELECTORS, reason, message=message, detail=f"{DETAIL}/UnexpectedSelectors")


def _timeout(header: etree._Element) -> float:
    """Seconds of an xs:duration without days (PT1H2M3.5S)."""
    text = _text(header, WSMAN, "OperationTimeout")
    if not text:
        return DEFAULT_TIMEOUT
    found = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?", text)
    if not found or len(text) == 2:
        raise _malformed(f"OperationTimeout {text!r} is not a duration.")
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return min(hours * 3600 + minutes * 60 + seconds, MAX_TIMEOUT)


def _max_envelope(header: etree._Element) -> int:
    text = _text(header, WSMAN, "MaxEnvelopeSize")
    if not text:
        return MAX_ENVELOPE
    if not (text.isascii() and text.isdigit()) or int(text) < 8192:
        reason = "The WS-Management service cannot process the request because the envelope size is too small or not a number."
        raise WsmanFault("w:EncodingLimit", ENVELOPE_TOO_LARGE, reason, detail=f"{DETAIL}/MinimumEnvelopeLimit")
    return min(int(text), MAX_ENVELOPE)


def _operation(action: str, header: etree._Element, body: etree._Element) -> Operation:
    if action == f"{TRANSFER}/Create":
        return _open_shell(body)
    if action == f"{TRANSFER}/Delete":
        return CloseShell()
    if action == f"{SHELL}/Command":
        return _run_command(header, body)
    if action == f"{SHELL}/Send":
        return _send(body)
    if action == f"{SHELL}/Receive":
        return ReceiveOutput(_command_id(_child(_child(body, "Receive"), "DesiredStream")))
    if action == f"{SHELL}/Signal":
        signal = _child(body, "Signal")
        return SignalCommand(_command_id(signal), _text(signal, SHELL, "Code"))
    reason = "The WS-Management service cannot process the request because the WS-Addressing Action URI in the request is not valid for the resource."
    raise WsmanFault("a:ActionNotSupported", INVALID_ACTION, reason, detail=f"{DETAIL}/InvalidAction")


def _run_command(header: etree._Element, body: etree._Element) -> RunCommand:
    line = _child(body, "CommandLine")
    arguments = [part.text or "" for part in line.findall(f"{{{SHELL}}}Arguments")]
    option = header.find(f"{{{WSMAN}}}OptionSet/{{{WSMAN}}}Option[@Name='WINRS_CONSOLEMODE_STDIN']")
    console = option is not None and (option.text or "").strip().casefold() in ("true", "1")
    return RunCommand(_text(line, SHELL, "Command"), " ".join(arguments), reads_input=not console)


def _child(element: etree._Element, name: str) -> etree._Element:
    found = element.find(f"{{{SHELL}}}{name}")
    if found is None:
        raise _malformed(f"The body lacks the element {name}.")
    return found


def _command_id(element: etree._Element) -> str:
    return element.get("CommandId", "").upper()


def _open_shell(body: etree._Element) -> OpenShell:
    shell = _child(body, "Shell")
    variables = shell.findall(f"{{{SHELL}}}Environment/{{{SHELL}}}Variable")
    environment = {variable.get("Name", ""): variable.text or "" for variable in variables}
    return OpenShell(_text(shell, SHELL, "WorkingDirectory"), environment)


def _send(body: etree._Element) -> SendInput:
    stream = _child(_child(body, "Send"), "Stream")
    if stream.get("Name") != "stdin":
        raise _malformed(f"The stream {stream.get('Name')!r} takes no input.")
    try:
        data = base64.b64decode((stream.text or "").strip(), validate=True)
    except (binascii.Error, ValueError):
        raise _malformed("The stream's content is not base64.") from None
    return SendInput(_command_id(stream), data, stream.get("End", "").casefold() in ("true", "1"))


def shell_created(request: Request, shell_id: str, *, owner: str, address: str) -> bytes:
    """The answer to Create."""
    selector = f'<w:SelectorSet><w:Selector Name="ShellId">{shell_id}</w:Selector></w:SelectorSet>'
    reference = f"<a:ReferenceParameters><w:ResourceURI>{COMMAND_SHELL}</w:ResourceURI>{selector}</a:ReferenceParameters>"
    resource = f"<x:ResourceCreated><a:Address>{escape(address)}</a:Address>{reference}</x:ResourceCreated>"
    details = f"<rsp:ShellId>{shell_id}</rsp:ShellId><rsp:ResourceUri>{COMMAND_SHELL}</rsp:ResourceUri><rsp:Owner>{escape(owner)}</rsp:Owner>"
    streams = "<rsp:IdleTimeOut>PT7200.000S</rsp:IdleTimeOut><rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams>"
    return _envelope(f"{TRANSFER}/CreateResponse", request.message_id, f"{resource}<rsp:Shell>{details}{streams}</rsp:Shell>")


def command_started(request: Request, command_id: str) -> bytes:
    body = f"<rsp:CommandResponse><rsp:CommandId>{command_id}</rsp:CommandId></rsp:CommandResponse>"
    return _envelope(f"{SHELL}/CommandResponse", request.message_id, body)


def input_taken(request: Request) -> bytes:
    return _envelope(f"{SHELL}/SendResponse", request.message_id, "<rsp:SendResponse/>")


def signalled(request: Request) -> bytes:
    return _envelope(f"{SHELL}/SignalResponse", request.message_id, "<rsp:SignalResponse/>")


def shell_deleted(request: Request) -> bytes:
    return _envelope(f"{TRANSFER}/DeleteResponse", request.message_id, "")


def output_room(max_envelope: int) -> int:
    """How many bytes of output fit into an answer of at most `max_envelope` bytes, base64 and frame counted."""
    return (max_envelope - 3000) // 4 * 3


def output(request: Request, command_id: str, part: Output) -> bytes:
    """The answer to Receive."""
    done = part.exit_code is not None
    streams = [f'<rsp:Stream Name="{name}" CommandId="{command_id}">{base64.b64encode(data).decode("ascii")}</rsp:Stream>'
               for name, data in (("stdout", part.stdout), ("stderr", part.stderr)) if data]  # fmt: skip
    if done:
        streams.extend(f'<rsp:Stream Name="{name}" CommandId="{command_id}" End="true"></rsp:Stream>' for name in ("stdout", "stderr"))
    code = f"<rsp:ExitCode>{part.exit_code}</rsp:ExitCode>" if done else ""
    state = f'<rsp:CommandState CommandId="{command_id}" State="{SHELL}/CommandState/{"Done" if done else "Running"}">{code}</rsp:CommandState>'
    return _envelope(f"{SHELL}/ReceiveResponse", request.message_id, f"<rsp:ReceiveResponse>{''.join(streams)}{state}</rsp:ReceiveResponse>")


def fault(message_id: str, problem: WsmanFault, machine: str) -> bytes:
    """A SOAP fault with Microsoft's WSManFault detail."""
    namespace = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
    detail = f"<w:FaultDetail>{escape(problem.detail)}</w:FaultDetail>" if problem.detail else ""
    message = f"<f:Message>{escape(problem.message)}</f:Message>"
    detail += f'<f:WSManFault xmlns:f="{namespace}" Code="{problem.code}" Machine={quoteattr(machine)}>{message}</f:WSManFault>'
    value = "s:Sender" if problem.sender else "s:Receiver"
    code = f"<s:Code><s:Value>{value}</s:Value><s:Subcode><s:Value>{problem.subcode}</s:Value></s:Subcode></s:Code>"
    reason = f'<s:Reason><s:Text xml:lang="en-US">{escape(problem.reason)}</s:Text></s:Reason>'
    return _envelope(FAULT_ACTION, message_id, f"<s:Fault>{code}{reason}<s:Detail>{detail}</s:Detail></s:Fault>")


def _envelope(action: str, relates_to: str, body: str) -> bytes:
    names = {"s": SOAP, "a": ADDRESSING, "x": TRANSFER, "w": WSMAN, "rsp": SHELL, "p": "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"}
    declarations = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in names.items())
    own = f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ANONYMOUS}</a:To>"
    header = f"<a:Action>{action}</a:Action>{own}<a:RelatesTo>{escape(relates_to)}</a:RelatesTo>"
    return f'<s:Envelope xml:lang="en-US"{declarations}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>'.encode()
