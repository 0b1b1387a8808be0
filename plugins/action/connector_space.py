# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module connector_space."""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.configuration.folder import read_folder, unpack
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError, LimitError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.spaces.emptying import (
    COUNTERS,
    Consequences,
    Space,
    SpaceLimits,
    check_limits,
    consequences_of,
    empty_text,
    instructions,
    space_of,
    text_of,
)


class ActionModule(ActionFace):
    def perform(self, arguments: dict[str, Any]) -> Outcome:
        limits = checked_limits(arguments)
        space = self.look(arguments["agent"])
        values: dict[str, Any] = {"before": space.numbers(), "metaverse_deletes": 0, "not_joined_again": [], "consequences": []}
        if not space.objects:
            return Outcome(changed=False, values=values)
        found = self.consequences(space)
        values |= {"metaverse_deletes": found.metaverse_deletes, "not_joined_again": list(found.not_joined_again), "consequences": list(found.sentences)}
        check_limits(space, found, limits)
        if not self.check_mode:
            self.wait(space, found, arguments)
        return Outcome(changed=True, values=values, before=text_of(space), after=empty_text(space))

    def look(self, agent: str) -> Space:
        return space_of(self.run_verb("cycle_read", {"Counters": list(COUNTERS), "Paths": [], "RunLimit": 1}), agent)

    def consequences(self, space: Space) -> Consequences:
        answer = self.run_verb("configuration_read", {"Agents": [], "SourceFolder": "", "StateFile": "", "Questions": "[]"})
        return consequences_of(read_folder(unpack(answer["files"])).model(), space)

    def wait(self, space: Space, found: Consequences, arguments: dict[str, Any]) -> None:
        """Until the administrator has done it; raises LimitError after `timeout` seconds."""
        for sentence in (*found.sentences, *instructions(space, arguments["timeout"])):
            self.say(sentence)
        until = time.monotonic() + arguments["timeout"]
        left = space
        while left.objects and (remaining := until - time.monotonic()) > 0:
            time.sleep(min(arguments["poll_seconds"], remaining))
            left = self.look(space.agent)
        if left.objects:
            raise LimitError(
                f"The connector space of {space.agent} still holds {left.objects} objects after {arguments['timeout']} s; nothing was changed by this task. "
                "Delete it in the Synchronization Service Manager and run this again."
            )
        self.say(f"the connector space of {space.agent} is empty")


def checked_limits(arguments: dict[str, Any]) -> SpaceLimits:
    """Raises InputError for numbers that make no sense."""
    for name, least in (("timeout", 0), ("poll_seconds", 1)):
        if arguments[name] < least:
            raise InputError(f"{arguments[name]} s is no time to wait", path=name)
    limits = SpaceLimits(**{name: value for name, value in (arguments.get("limits") or {}).items() if value is not None})
    if limits.metaverse_deletes < 0 or limits.pending_deletes < 0:
        raise InputError("metaverse_deletes and pending_deletes are 0 or more", path="limits")
    return limits
