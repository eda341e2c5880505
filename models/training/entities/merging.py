"""How well merging does on a hand-read truth: python merging.py CASE [CASE ...]

merging.jsonl was read from cases of three mailboxes each, made with `riskscan scan --entities all`:
"people" and "companies" list the forms that are one, as hashes (no name is kept); "mention" says
whom one word of a name means, by the hash of one of that person's forms. Forms and messages that
a case does not have are passed over.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from sqlalchemy import Connection, text

from riskscan.case.store import connect

TRUTH = Path(__file__).with_name("merging.jsonl")
_FORMS = "SELECT merged_id, kind, form FROM merged_forms ORDER BY id"
_MENTIONS = (
    'SELECT m.message_id, e.segment, e.start, e."end", l.merged_id, g.alone FROM entities e'
    " JOIN merged_mentions l ON l.entity_id = e.id JOIN messages m ON m.id = e.message_id"
    " JOIN merged g ON g.id = l.merged_id"
)


def key(form: str) -> str:
    """The hash by which a form is kept; small differences in writing that say nothing are not."""
    return hashlib.sha256(" ".join(form.split()).encode()).hexdigest()[:16]


def forms_of(connection: Connection) -> dict[str, set[int]]:
    """Whom each form of a case, by its hash, may mean; a first name is a form of many."""
    found: dict[str, set[int]] = defaultdict(set)
    for merged, _, form in connection.execute(text(_FORMS)):
        found[key(form)].add(int(merged))
    return found


def pairs(clusters: Iterable[list[str]], forms: dict[str, set[int]]) -> tuple[int, int, int]:
    """(pairs that are one and joined, that are joined, that are one)."""
    known = [[form for form in cluster if form in forms] for cluster in clusters]
    whose = {form: number for number, cluster in enumerate(known) for form in cluster}
    right = joined = one = 0
    for first, second in combinations(sorted(whose), 2):
        together = bool(forms[first] & forms[second])
        same = whose[first] == whose[second]
        right, joined, one = right + (together and same), joined + together, one + same
    return right, joined, one


def mentions(
    connection: Connection, rows: list[dict[str, object]], forms: dict[str, set[int]]
) -> tuple[int, int, int]:
    """(mentions that mean whom they should, that mean somebody, that should)."""
    met = {tuple(row[:4]): (row[4], row[5]) for row in connection.execute(text(_MENTIONS))}
    right = told = wanted = 0
    for row in rows:
        place = (row["message_id"], row["segment"], row["start"], row["end"])
        if place in met:
            merged, alone = met[place]
            wanted += bool(row["person"])
            told += not alone
            right += not alone and merged in forms.get(str(row["person"]), ())
    return right, told, wanted


def main() -> None:
    """Print precision and recall over all cases."""
    truth = [json.loads(line) for line in TRUTH.read_text(encoding="utf-8").splitlines()]
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for case in sys.argv[1:]:
        engine = connect(Path(case))
        with engine.connect() as connection:
            forms = forms_of(connection)
            for kind in ("people", "companies"):
                clusters = [row["forms"] for row in truth if row["kind"] == kind]
                _add(totals[kind], pairs(clusters, forms))
            some = [row for row in truth if row["kind"] == "mention"]
            _add(totals["first names and surnames"], mentions(connection, some, forms))
        engine.dispose()
    for kind, (right, told, wanted) in totals.items():
        precision, recall = right / max(1, told), right / max(1, wanted)
        print(f"{kind}: precision {precision:.3f} ({told}), recall {recall:.3f} ({wanted})")


def _add(total: list[int], more: tuple[int, int, int]) -> None:
    total[:] = [one + other for one, other in zip(total, more, strict=True)]


if __name__ == "__main__":
    main()
