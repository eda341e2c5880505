"""Tests of bugs of the review page build their cases as its own tests do."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "review"))
