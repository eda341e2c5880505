"""The validation report: how much a review found, as one HTML file without scripts, and as JSON."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from riskscan.export.files import replacing
from riskscan.export.report_text import plain
from riskscan.export.report_words import amount, minute

_TEMPLATES = Path(__file__).parent / "templates"


def write_validation(result: Mapping[str, Any], file: Path) -> tuple[Path, Path]:
    """Write what ``riskscan.learn.validate.measure`` says to ``file`` and, as JSON, beside it."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: plain(value) if isinstance(value, str) else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"amount": amount, "minute": minute, "share": _share}
    css = (_TEMPLATES / "report.css").read_text("utf-8").strip()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    page = environment.get_template("validation.html").render(
        **result, css=Markup(css), css_hash=Markup(digest)
    )
    beside = file.with_suffix(".json")
    with replacing(file) as draft:
        draft.write_text(page, encoding="utf-8", newline="\n")
    with replacing(beside) as draft:
        draft.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return file, beside


def _share(value: float | None) -> str:
    """A share as per cent, with as many digits as a small one needs."""
    if value is None:
        return "unknown"
    digits = 1 if value >= 0.01 or not value else 2 if value >= 0.001 else 3
    return f"{100 * value:.{digits}f}%"
