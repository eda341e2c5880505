"""One target under atheris, a coverage-guided fuzzer: ``fuzz.py TARGET [libFuzzer options]``.

``run.py`` runs several for a while; docs/fuzzing.md tells how.
"""

from __future__ import annotations

import sys
import warnings

import atheris

with atheris.instrument_imports(include=["riskscan"]):
    import riskscan.mail.dates
    import riskscan.mail.html
    import riskscan.mail.parse
    import riskscan.mail.post
    import riskscan.mail.rtf
    import riskscan.mail.segment
    import riskscan.sources.msg
    import riskscan.sources.registry  # noqa: F401

from targets import TARGETS

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    name, *options = sys.argv[1:]
    atheris.Setup([sys.argv[0], *options], TARGETS[name])
    atheris.Fuzz()
