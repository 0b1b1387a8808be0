# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How property-based tests choose their examples."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# The same examples in every run, and no failure for a slow machine; HYPOTHESIS_PROFILE=searching looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("searching", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
