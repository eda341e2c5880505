"""How well courts and laws are found in mail: python courts.py SHARED_DATA

courts.jsonl marks them in 110 messages of the train mailboxes that no other set has: 70 drawn among
those with a word of courts, 40 among those with one of laws. A large language model read the first
1,800 characters of each, once, on 28 November 2026, without having seen what the rules find.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import mailboxes

from riskscan.language.pipeline import entities, load

MARKS = Path(__file__).with_name("courts.jsonl")


def main() -> None:
    """Print precision, recall and F1 on exact spans; what the reader was unsure of is left out."""
    rows = {row["message_id"]: row for row in map(json.loads, MARKS.read_text().splitlines())}
    read = []
    for mail in mailboxes.read(Path(sys.argv[1]) / "enron" / "train"):
        row = rows.pop(mail.headers.get("message-id", ""), None)
        if row is not None:
            read.append((row, mail.body[: row["read"]]))
    found = entities(load(), [text for _, text in read])
    totals = {"COURT": [0, 0, 0], "LAW": [0, 0, 0]}
    for (row, _), named in zip(read, found, strict=True):
        for label, total in totals.items():
            wanted = {(a, b) for a, b, name in row["entities"] if name == label}
            spans = {(one.start, one.end) for one in named if one.label == label}
            unsure = {s for s in spans if any(s[0] < b and a < s[1] for a, b in row["unsure"])}
            spans -= unsure - wanted
            for i, count in enumerate((len(spans & wanted), len(spans), len(wanted))):
                total[i] += count
    for label, (right, spans_found, marked) in totals.items():
        precision, recall = right / spans_found, right / marked
        f1 = 2 * right / (spans_found + marked)
        print(f"{label:6} precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f} ({marked})")


if __name__ == "__main__":
    main()
