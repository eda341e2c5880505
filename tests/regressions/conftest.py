"""Tests of bugs of the review page and of sources build cases and exports as their own tests do."""

from __future__ import annotations

import sys
from pathlib import Path

for _room in ("review", "sources"):
    sys.path.append(str(Path(__file__).parents[1] / _room))
