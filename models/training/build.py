"""Builds the shipped detector from the committed texts and labels, and Enron mail that you fetch.

    python models/training/build.py --mail DIR [--out models/detector]

DIR holds the mailboxes (mbox, plain or packed; any export that riskscan reads) of the Enron
corpus. Labels are keyed by Message-ID, evidence by its place in "subject, blank line, authored
text"; a message whose text parses otherwise than when it was labelled keeps its flag, loses its
evidence, and is counted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

from riskscan.detect.classifier import RiskClassifier
from riskscan.learn.data import DataSet, Example, read_data
from riskscan.learn.train import train
from riskscan.mail.parse import MailError, parse_message
from riskscan.sources import Item, discover

HERE = Path(__file__).parent
# Messages that were read because a model ranked them high stand for themselves only.
PICKED = 0.3
THRESHOLD = 0.08
NOTES = HERE / "notes.md"


def mail(folder: Path) -> tuple[DataSet, int]:
    """The labelled messages found in ``folder``, and how many lost their evidence."""
    labels = {}
    for line in (HERE / "labels.jsonl").read_text("utf-8").splitlines():
        label = json.loads(line)
        labels[label["message_id"]] = label
    examples: dict[str, Example] = {}
    changed = 0
    for unit in discover([folder]):
        if not hasattr(unit, "events"):
            continue
        for event in unit.events(0):
            if not isinstance(event, Item):
                continue
            try:
                message = parse_message(event.data)
            except MailError:
                continue
            label = labels.get(message.message_id)
            if label is None or message.message_id in examples:
                continue
            text = f"{message.subject}\n\n{message.authored}"
            same = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16] == label["text"]
            changed += not same and bool(label["evidence"])
            examples[message.message_id] = Example(
                text=text,
                flag=label["flag"],
                signals=tuple(label["signals"]),
                evidence=tuple(text[a:b] for a, b in label["evidence"]) if same else (),
                group=label["group"],
                weight=PICKED if label["stratum"] == "new" else label["weight"],
                unsure=bool(label["unsure"]),
                domain="mail",
            )
    lacking = len(labels) - len(examples)
    print(f"{len(examples)} labelled messages found, {lacking} not; {changed} read differently now")
    ordered = tuple(examples[key] for key in sorted(examples))
    return DataSet("enron", ordered), changed


def main() -> None:
    """Read, train, write the model folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mail", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HERE.parent / "detector")
    options = parser.parse_args()
    labelled, _ = mail(options.mail)
    train(
        [labelled],
        base=[read_data(file) for file in sorted((HERE / "texts").glob("*.jsonl"))],
        out=options.out,
        threshold=THRESHOLD,
        classifier=RiskClassifier(),
        name="default",
        notes=NOTES.read_text("utf-8"),
        say=print,
    )


if __name__ == "__main__":
    main()
