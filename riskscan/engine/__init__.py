"""Where batches run: this process, local worker processes, or a cluster.

A batch is a list of picklable items and the work is a module-level function of one batch, so the
answer does not depend on where or in which order batches ran.
"""

from riskscan.engine.bounds import UNHURRIED, Bounds, Culprit, peak_rss
from riskscan.engine.engine import Engine

__all__ = ["UNHURRIED", "Bounds", "Culprit", "Engine", "peak_rss"]
