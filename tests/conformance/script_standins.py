# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the recorded scripts emit, said in Python: one entry for each recording of ../shared/fixtures/win_powershell.

Texts of error records are those of PowerShell 7, under which the recordings were made.
"""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

from ansible_collections.mimsync.sharepoint.lab.modules.powershell_answer import Emission, ErrorRecord, ExceptionInfo, InformationRecord
from ansible_collections.mimsync.sharepoint.lab.modules.powershell_values import CustomObject, EnumValue, Thing

LINE_1 = "at <ScriptBlock>, <No file>: line 1"
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
NESTED = {"a": {"b": {"c": {"d": 1}}}}
DEEP_LIST = [1, [2, [3, [4]]]]


def thrown(message: str) -> ErrorRecord:
    info = ExceptionInfo(message, "System.Management.Automation.RuntimeException")
    return ErrorRecord(
        f"Exception: {message}\n",
        info,
        message,
        "OperationStopped",
        "RuntimeException",
        target=message,
        target_name=message,
        target_type="String",
        stack_trace=LINE_1,
    )


def written() -> ErrorRecord:
    info = ExceptionInfo("soft", "Microsoft.PowerShell.Commands.WriteErrorException")
    return ErrorRecord("Write-Error: soft\n", info, "SoftId", "InvalidData", "WriteErrorException", activity="Write-Error", stack_trace=LINE_1, pipeline=(0, 0))


def not_found(command: str, stack: str = LINE_1) -> ErrorRecord:
    text = "Cannot find path '/nope' because it does not exist."
    return ErrorRecord(
        output=f"{command}: {text}\n",
        exception=ExceptionInfo(text, "System.Management.Automation.ItemNotFoundException", "System.Management.Automation"),
        error_id=f"PathNotFound,Microsoft.PowerShell.Commands.{command.replace('-', '')}Command",
        category="ObjectNotFound",
        reason="ItemNotFoundException",
        activity=command,
        target="/nope",
        target_name="/nope",
        target_type="String",
        stack_trace=stack,
        pipeline=(0, 1),
    )


def native() -> ErrorRecord:
    return ErrorRecord(
        "err\n",
        None,
        "NativeCommandError",
        reason="RemoteException",
        target="err",
        target_name="err",
        target_type="String",
        stack_trace=LINE_1,
        pipeline=(0, 0),
    )


def dotnet_type(name: str, base: Thing) -> Thing:
    library = "System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e"
    properties = {"Name": name.rpartition(".")[2], "FullName": name, "AssemblyQualifiedName": f"{name}, {library}", "BaseType": base}
    return Thing(name, properties)


VERSION = {"Major": 4, "Minor": 3, "Build": 2064, "Revision": 0, "MajorRevision": 0, "MinorRevision": 0}
TYPES = {
    "date": datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
    "local": datetime.datetime(2026, 1, 1),
    "span": datetime.timedelta(minutes=90),
    "bytes": b"\x01\x02\x03",
    "guid": uuid.UUID("0c3357f1-fad7-4e1e-88e2-a9cfcfe67491"),
    "enum": EnumValue("System.DayOfWeek", "Monday", 1),
    "version": Thing("4.3.2064.0", VERSION),
    "char": "x",
    "decimal": Decimal("1.5"),
    "long": 9223372036854775807,
    "null": None,
    "true": True,
    "empty": [],
    "one": ["x"],
    "switch": True,
    "type": dotnet_type("System.Int32", dotnet_type("System.ValueType", Thing("System.Object"))),
}

STREAMS = Emission(
    warning=["w"],
    verbose=["v"],
    debug=["d"],
    information=[
        InformationRecord("i", "Write-Information", NOW, ["t"]),
        InformationRecord(CustomObject({"Message": "h", "NoNewLine": False, "ForegroundColor": None, "BackgroundColor": None}), "Write-Host", NOW, ["PSHOST"]),
    ],
    host_out="WARNING: w\nVERBOSE: v\nDEBUG: d\nh\nc\n",
)

STANDINS: dict[str, Emission] = {
    "nested objects are cut at the default depth": Emission(output=[NESTED, DEEP_LIST]),
    "nested objects with depth 5": Emission(output=[NESTED, DEEP_LIST]),
    "result is cut at the same depth": Emission(result=NESTED),
    "result with depth 5": Emission(result=NESTED),
    "types": Emission(result=TYPES),
    "several outputs, changed by default": Emission(output=["first", 2, None, "second"]),
    "no output": Emission(changed=False),
    "custom object": Emission(output=[CustomObject({"Name": "ADMA", "Guid": uuid.UUID(int=0), "Tags": ["a", "b"]})]),
    "json text stays text": Emission(output=['{"a":{"b":{"c":1}}}']),
    "throw": Emission(errors=[thrown("bad thing")], terminated=True),
    "throw with error_action stop": Emission(errors=[thrown("bad thing")], terminated=True),
    "non-terminating error": Emission(output=["after"], errors=[written()]),
    "non-terminating error with error_action stop": Emission(errors=[written()], terminated=True),
    "cmdlet's error with error_action stop": Emission(errors=[not_found("Get-Item")], terminated=True),
    "failed by the script": Emission(output=["said"], failed=True),
    "streams": STREAMS,
    "diff": Emission(diff={"before": "a", "after": "b"}),
    "parameters": Emission(output=[{"Name": "Zoë 'quoted' \"too\" $x", "N": 5, "List": ["a", "b"], "Count": 2, "Map": "v", "Flag": True, "S": True}]),
    "parameter that the script does not have": Emission(output=[""]),
    "sensitive parameters": Emission(output=[{"len": 4, "user": "CORP\\u", "pw": 1}]),
    "check mode with support": Emission(
        output=[{"check": True, "whatif": True}], changed=False, host_out='What if: Performing the operation "y" on target "x".\n'
    ),
    "text of many scripts and control characters": Emission(output=["Zoë 北京 😀 tab\t nl\n end"]),
    "exit": Emission(output=["before"]),
    "an error inside a called function with error_action stop and a finally block": Emission(
        output=["cleaned"], errors=[not_found("Get-Item", f"at f, <No file>: line 1\n{LINE_1}")], terminated=True
    ),
    "chdir that does not exist": Emission(output=["ran"], errors=[not_found("Set-Location", "")]),
    "a native command that fails": Emission(output=["out", "code 4"], errors=[native()]),
    "a large answer": Emission(output=["x" * 200000]),
    "a list of one object stays a list in output": Emission(output=[[CustomObject({"a": 1})]]),
    "dictionary with integer keys and an array of hashtables at depth 3": Emission(
        result={"rows": [{"id": 1, "sub": {"x": 1}}, {"id": 2, "sub": {"x": 2}}], "map": {1: "one"}}
    ),
}
