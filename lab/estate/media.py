# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The installation media of the lab: where they lie on a synchronization host, what is in them, which are damaged."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .software.base import package_file

if TYPE_CHECKING:
    from .estate import Estate
    from .host import Host

FOLDER = r"C:\Media"
# Media on a server of downloads, for inventories that name URLs.
DOWNLOADS = "https://downloads.corp.example.com/mim"
# Real media weigh megabytes; some kilobytes are enough to be copied, hashed and cut.
_PADDING = 4096


@dataclass(frozen=True)
class Medium:
    """`file` is relative to the media folder; `version` what the package brings."""

    key: str
    file: str
    version: str

    @property
    def path(self) -> str:
        return f"{FOLDER}\\{self.file}"

    @property
    def url(self) -> str:
        return f"{DOWNLOADS}/{self.file.rpartition(chr(92))[2].replace(' ', '%20')}"

    @property
    def content(self) -> bytes:
        """The same bytes for the same key, so that an inventory can name their hash."""
        return package_file(self.key, hashlib.sha256(self.key.encode()).digest() * (_PADDING // 32))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


SQL_NATIVE_CLIENT = Medium("sql-native-client-11.4.7001.0", "sqlncli.msi", "11.4.7001.0")
SYNC_SERVICE_RTM = Medium("mim-sync-4.3.1935.0", r"MIM2016\Synchronization Service\Synchronization Service.msi", "4.3.1935.0")
SYNC_SERVICE_SP1 = Medium("mim-sync-4.4.1302.0", r"MIM2016SP1\Synchronization Service\Synchronization Service.msi", "4.4.1302.0")
SYNC_SERVICE_SP2 = Medium("mim-sync-4.6.34.0", r"MIM2016SP2\Synchronization Service\Synchronization Service.msi", "4.6.34.0")
HOTFIX_RTM = Medium("mim-sync-KB3092179", "FIMSyncService_x64_KB3092179.msp", "4.3.2064.0")
HOTFIX_SP2 = Medium("mim-sync-KB5012051", "MIMSyncService_x64_KB5012051.msp", "4.6.641.0")
CONNECTOR = Medium("sharepoint-connector-4.4.1800.1", "SharepointConnector.msi", "4.4.1800.1")

MEDIA = (SQL_NATIVE_CLIENT, SYNC_SERVICE_RTM, SYNC_SERVICE_SP1, SYNC_SERVICE_SP2, HOTFIX_RTM, HOTFIX_SP2, CONNECTOR)
# A download that broke off: no package any more.
DAMAGED = f"{FOLDER}\\Damaged\\SharepointConnector.msi"


def lay_out_media(host: Host) -> None:
    """Puts all media into the host's media folder."""
    for medium in MEDIA:
        host.files.make_folder(medium.path.rpartition("\\")[0], now=host.now())
        host.files.write(medium.path, medium.content, now=host.now())
    host.files.make_folder(DAMAGED.rpartition("\\")[0], now=host.now())
    host.files.write(DAMAGED, CONNECTOR.content[100:2000], now=host.now())
    host.shares["media"] = FOLDER


def publish_media(estate: Estate) -> None:
    """Offers the media as downloads; the synchronization service's of SP2 alone, for the files share one name."""
    for medium in (SQL_NATIVE_CLIENT, SYNC_SERVICE_SP2, HOTFIX_RTM, HOTFIX_SP2, CONNECTOR):
        estate.web[medium.url] = medium.content
