# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a plan to a server that holds it: who may begin, backup, import, verification, and what follows when a step fails or a run breaks off."""
