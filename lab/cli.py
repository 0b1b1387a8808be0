# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`python -m lab`: start, stop and look at a lab."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from . import daemon
from .admin import Client
from .demo import DemoOptions
from .demo import main as run_demo
from .estate.estate import EstateOptions
from .instance import DEFAULT_BUILDER
from .operations import OperationProblem
from .state import Process, StateFolder, StateProblem, is_running, read_process
from .text_table import table


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = given.command
    try:
        return command(given)
    except (StateProblem, OperationProblem) as problem:
        print(f"lab: {problem}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader has seen enough (`| head`); Python must not complain about it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="A simulated Windows estate behind WinRM.")
    commands = parser.add_subparsers(required=True, metavar="command")
    _building(_command(commands, "up", up, "start the lab in the background (the saved one, or a new one)"))
    _command(commands, "down", down, "stop the lab and save it")
    status_parser = _command(commands, "status", status, "what the lab holds and where it is reached")
    status_parser.add_argument("--json", action="store_true", help="as JSON")
    _building(_command(commands, "reset", reset, "forget the estate; if the lab runs, start it again with a new one"))
    for name, function, text in (("people", people, "people of the directory"), ("profiles", profiles, "profiles that SharePoint holds")):
        listing = _command(commands, name, function, text)
        listing.add_argument("--limit", type=int, default=40, help="rows (default: 40)")
    demo_parser = _command(commands, "demo", demo, "run site.yml twice on a fresh lab and show what SharePoint holds")
    demo_parser.add_argument("--people", type=_people, default=EstateOptions().people, help="how many people the directory has")
    demo_parser.add_argument("--solution", type=Path, help="folder with exported configuration files to use in place of the built-in ones")
    change_parser = _command(commands, "change", change, "change something by hand, so that a playbook has something to mend")
    change_parser.add_argument("operation", help="name of the operation (a wrong one lists all)")
    change_parser.add_argument("values", nargs="*", metavar="name=value", help="values; JSON where it is JSON, text otherwise")
    return parser


def _command(commands: Any, name: str, function: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=function)
    parser.add_argument("--state", default=".lab", metavar="FOLDER", help="the lab's folder (default: .lab)")
    return parser


def _building(parser: argparse.ArgumentParser) -> None:
    defaults = EstateOptions()
    parser.add_argument("--people", type=_people, help=f"how many people the directory has (default: {defaults.people})")
    parser.add_argument("--seed", type=int, help=f"what the estate is made from (default: {defaults.seed})")
    parser.add_argument("--port", type=_port, help="port of all hosts (default: a free one)")
    parser.add_argument("--sharepoint-version", help=f"2016, 2019 or subscription (default: {defaults.sharepoint_version})")
    parser.add_argument("--farm-build", help=f"build of the farm (default: {defaults.farm_build})")
    parser.add_argument("--dns-name", help=f"DNS name of the domain (default: {defaults.dns_name})")
    parser.add_argument("--netbios-name", help=f"NetBIOS name of the domain (default: {defaults.netbios_name})")
    parser.add_argument("--sql-local", dest="sql_remote", action="store_false", default=None, help="SQL on the synchronization server itself")
    parser.add_argument("--first-address", help=f"address of the first host (default: {defaults.first_address})")
    parser.add_argument("--child-domain", action="store_true", default=None, help="a domain emea.<domain> (EMEA) in the forest, controller DC2")
    parser.add_argument("--second-forest", action="store_true", default=None, help="a forest partner.example.net (PARTNER) without trust, controller DC3")
    parser.add_argument("--builder", default=DEFAULT_BUILDER, help=argparse.SUPPRESS)


def _people(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of people between 1 and 1000000")
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port")
    return int(text)


def _folder(given: argparse.Namespace) -> StateFolder:
    return StateFolder(Path(given.state))


def _options(given: argparse.Namespace) -> EstateOptions:
    values = {each.name: getattr(given, each.name, None) for each in fields(EstateOptions)}
    return EstateOptions(**{name: value for name, value in values.items() if value is not None})


def up(given: argparse.Namespace) -> int:
    folder = _folder(given)
    started = time.monotonic()
    print(f"Starting the lab in {folder.path} ...", flush=True)
    process = daemon.start(folder, _options(given), builder=given.builder)
    print(f"The lab answers after {time.monotonic() - started:.1f} s (process {process.pid}, port {process.port}, {process.options.people} people).")
    print(f"  inventory  {folder.inventory / 'hosts.yml'}\n  log        {folder.log}\n  stop       python -m lab down --state {folder.path}")
    return 0


def down(given: argparse.Namespace) -> int:
    folder = _folder(given)
    print("The lab is stopped." if daemon.stop(folder) else f"No lab runs in {folder.path}.")
    return 0


def reset(given: argparse.Namespace) -> int:
    folder = _folder(given)
    ran = daemon.stop(folder)
    daemon.reset(folder)
    if ran:
        return up(given)
    print(f"The estate in {folder.path} is forgotten; `python -m lab up` builds a new one.")
    return 0


def status(given: argparse.Namespace) -> int:
    folder = _folder(given)
    process = read_process(folder) if is_running(folder) else None
    if process is None:
        print(json.dumps({"running": False}) if given.json else f"No lab runs in {folder.path}.")
        return 3
    answer = Client(folder).call("status")
    if given.json:
        print(json.dumps({"running": True, "port": process.port, "inventory": str(folder.inventory / "hosts.yml"), **answer}, indent=2))
        return 0
    _print_status(folder, process, answer)
    return 0


def _print_status(folder: StateFolder, process: Process, answer: dict[str, Any]) -> None:
    print(f"The lab runs since {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(process.started))} (process {process.pid}).")
    rows = []
    for host in answer["hosts"]:
        running = sum(state == "running" for state in host["services"].values())
        state = ("restart pending" if host["restart_pending"] else "up") if host["reachable"] else "unreachable"
        address = f"{host['address']}:{process.port}"
        rows.append([host["name"], host["role"], address, state, f"{running}/{len(host['services'])}", answer["executions"].get(host["name"], 0)])
    print(table(["host", "role", "address", "state", "services", "executions"], rows))
    print(f"inventory  {folder.inventory / 'hosts.yml'}\nlog        {folder.log}")


def people(given: argparse.Namespace) -> int:
    rows = Client(_folder(given)).call("people", limit=given.limit)
    names = ["sAMAccountName", "displayName", "mail", "department"]
    print(table(["account", "name", "e-mail", "department"], [[row[name] for name in names] for row in rows]))
    return 0


def profiles(given: argparse.Namespace) -> int:
    rows = Client(_folder(given)).call("profiles", limit=given.limit)
    names = list(rows[0]) if rows else ["account"]
    print(table(names, [[row[name] for name in names] for row in rows]))
    return 0


def demo(given: argparse.Namespace) -> int:
    if given.solution is not None and not given.solution.is_dir():
        raise StateProblem(f"the solution's folder {given.solution} does not exist")
    return run_demo(DemoOptions(Path(given.state), given.people, given.solution))


def change(given: argparse.Namespace) -> int:
    values: dict[str, Any] = {}
    for pair in given.values:
        name, sign, text = pair.partition("=")
        if not sign:
            raise OperationProblem(f"{pair!r} is not of the form name=value")
        values[name] = _value(text)
    answer = Client(_folder(given)).call(given.operation, **values)
    print("done" if answer is None else json.dumps(answer, indent=2, ensure_ascii=False))
    return 0


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
