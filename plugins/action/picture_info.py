# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Face of the module picture_info."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.errors import InputError
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.answer import full_names
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.profiles.pictures import pictures_of, stem_of, too_large
from ansible_collections.mimsync.sharepoint.plugins.plugin_utils.remote.face import ActionFace, Outcome


class ActionModule(ActionFace):
    def perform(self, arguments: dict[str, Any]) -> Outcome:
        if arguments["limit_bytes"] < 1:
            raise InputError(f"{arguments['limit_bytes']} bytes is no size of a picture", path="limit_bytes")
        stems = [stem_of(name) for name in full_names(arguments["names"], arguments["domain"])]
        people = pictures_of(self.run_verb("pictures_read", {"MySiteUrl": arguments["my_site"], "Stems": stems}))
        large = too_large(people, arguments["limit_bytes"])
        return Outcome(changed=False, values={"people": [person.as_dict() for person in people], "too_large": large})
