"""What all tests share: how hypothesis searches.

In CI a run must not depend on luck: the same examples every time, and no time limit on a
machine that others use too. At a desk every run looks further.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# The rule files below are material of tests, many of them broken on purpose; the pytest plugin
# would collect them.
collect_ignore_glob = ["*.tos"]
