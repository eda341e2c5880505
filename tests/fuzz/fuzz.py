"""One target under atheris, a coverage-guided fuzzer: ``fuzz.py TARGET [libFuzzer options]``.

``run.py`` runs several for a while; docs/fuzzing.md tells how.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import sys
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["riskscan", "xlrd"]):
    # All of it beforehand: what is imported within a function later is not instrumented.
    import xlrd  # noqa: F401 (all Python, and it checks little)

    import riskscan.mail
    import riskscan.sources

    for _package in (riskscan.mail, riskscan.sources):
        for _module in pkgutil.walk_packages(_package.__path__, f"{_package.__name__}."):
            importlib.import_module(_module.name)

from targets import TARGETS


def fuzz(target: str, options: list[str], found: Path) -> None:
    """Fuzz a target, findings into the folder; does not return: libFuzzer ends the process."""
    warnings.simplefilter("ignore")

    def keeping(data: bytes) -> None:
        try:
            TARGETS[target](data)
        except Exception:
            # As libFuzzer names it, which keeps it too, but only if Python's own end goes well.
            (found / f"crash-{hashlib.sha1(data).hexdigest()}").write_bytes(data)
            raise

    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={found}/"], keeping)
    atheris.Fuzz()


if __name__ == "__main__":
    fuzz(sys.argv[1], sys.argv[2:], Path.cwd())
