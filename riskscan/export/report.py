"""The report: a case as one self-contained HTML file that a lawyer can hand on.

Everything is inline, there is no script, and a strict content security policy forbids whatever the
mail might smuggle in. Every expression of every template is made harmless and then escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from sqlalchemy import Engine

from riskscan.case.location import Location, Place, locate
from riskscan.case.read import Case
from riskscan.case.store import connect
from riskscan.export import report_words as words
from riskscan.export.files import replacing
from riskscan.export.report_attachments import unread_attachments
from riskscan.export.report_facets import Facets
from riskscan.export.report_figures import Figures, accounts, figures
from riskscan.export.report_groups import COLLAPSE, Standing, stands_for
from riskscan.export.report_message import message_view
from riskscan.export.report_network import around
from riskscan.export.report_plot import plot
from riskscan.export.report_text import plain, short

FULL_MESSAGES = 500
"""Flagged messages that get a section of their own; the rest are counted."""
_SENDERS = 15
# Sections beyond this many bytes are written in brief, which keeps the whole below 25 MB even when
# every character of the mail takes the most bytes that one can: eight.
_FULL_BYTES = 8_000_000
_AT_ONCE = 10
_TEMPLATES = Path(__file__).parent / "templates"


def write_report(case: Place, file: Path, collapse: Sequence[str] = COLLAPSE) -> Path:
    """Write the report of the case at ``case`` to ``file`` (replaced when complete); returns it.

    ``collapse``: "near-duplicates" and "threads", as in exports (docs/groups.md); what a message
    stands for is named with it. Raises CaseError when there is no case.
    """
    environment = _environment()
    engine = connect(case, create=False)
    try:
        with Case(case) as opened, replacing(file) as draft:
            with engine.connect() as connection:
                standing = stands_for(connection, collapse)
            found = figures(
                opened, engine, limit=FULL_MESSAGES, senders=_SENDERS, standing=standing
            )
            context = _context(opened, engine, found, locate(case))
            ranks = {row.id: row.rank for row in found.ranked}
            section = environment.get_template("message.html")
            context["sections"] = _sections(opened, engine, ranks, standing, section)
            with draft.open("w", encoding="utf-8", newline="\n") as stream:
                for piece in environment.get_template("report.html").generate(context):
                    stream.write(piece)
    finally:
        engine.dispose()
    return file


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "amount": words.amount,
        "size": words.size,
        "score": words.score,
        "day": words.day,
        "minute": words.minute,
        "short": short,
        "signal": words.signal_name,
        "label": words.label_name,
        "attached_as": words.attachment_role,
        "state_mark": words.state_mark,
    }
    environment.globals |= {
        "several": words.several,
        "percent": words.percent,
        "signals": words.SIGNALS,
        "roles": words.ROLES,
    }
    return environment


def _harmless(value: Any) -> Any:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _context(case: Case, engine: Engine, found: Figures, location: Location) -> dict[str, Any]:
    drawn = plot(found.days)
    facets = Facets(found, drawn)
    css = (_TEMPLATES / "report.css").read_text(encoding="utf-8") + facets.css()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    models, runs = case.models(), case.runs()
    detectors = [m for m in models if m["kind"] == "detector"]
    return {
        "css": Markup(css),
        "css_hash": digest,
        "case": location.name,
        "written": datetime.now(UTC).isoformat(timespec="minutes"),
        "figures": found,
        "counts": found.counts,
        "plot": drawn,
        "facets": facets,
        "accounts": accounts(case, engine),
        "around": around(engine) if found.counts["flagged"] else None,
        "files_unread": unread_attachments(engine),
        "models": models,
        "threshold": detectors[-1]["settings"].get("threshold") if detectors else None,
        "runs": [r for r in runs if r["command"] in ("scan", "score")],
        "ranks": {row.id: row.rank for row in found.ranked},
    }


def _sections(
    case: Case,
    engine: Engine,
    ranks: dict[int, int],
    standing: dict[int, Standing],
    template: Template,
) -> Iterator[Markup]:
    """The messages' sections, worst first, rendered one at a time."""
    ids = list(ranks)
    written = 0
    for start in range(0, len(ids), _AT_ONCE):
        for record in case.records_of(ids[start : start + _AT_ONCE]):
            view = message_view(record, case, engine, ranks, standing[record["id"]])
            brief = written > _FULL_BYTES
            text = template.render(view, ranks=ranks, brief=brief, last=len(ids))
            written += len(text.encode("utf-8", "replace"))
            yield Markup(text)
