"""Builds the shipped detector from the committed texts and labels, and Enron mail that you fetch.

    pip install '.[encoder]'
    python models/training/build.py --mail DIR --minilm DIR [--out models/detector] [--workers 2]

DIR holds the mailboxes (mbox, plain or packed; any export that riskscan reads) of the Enron
corpus. Labels are keyed by Message-ID, evidence by its place in "subject, blank line, authored
text"; a message whose text parses otherwise than when it was labelled keeps its flag, loses its
evidence, and is counted. Of the other messages those that the shipped model learnt from as
unlabelled ones, by their hashes, are learnt from again, and with --all-mail all of them: the corpus
has more mailboxes than that. MiniLM is the sentence-transformers model all-MiniLM-L6-v2, a folder
with config.json, model.safetensors and tokenizer.json; the encoder is taught from it (teach.py).

With --encoder MODEL in place of --minilm the encoder of that model stays, with how much it counts,
and only the linear models are learnt anew: half an hour and not some hours.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from riskscan.detect.classifier import RiskClassifier
from riskscan.learn.data import DataSet, Example, read_data
from riskscan.learn.encoders import kept_encoder
from riskscan.learn.seen import Hashes, encoder_hashes, seen, text_hash
from riskscan.learn.train import train
from riskscan.mail.parse import MailError, parse_message
from riskscan.mail.thread import ThreadHeader, thread_ids
from riskscan.sources import Item, NotRead, discover

HERE = Path(__file__).parent
# Messages that were read because a model ranked them high, or again because of a doubt, are learnt
# from and not measured on: a model is held against the sample that came with the project.
NO_WEIGHT = 0.0
THRESHOLD = 0.07
# Of 100 lawyers, asked how many would flag it, from which on all readers did.
SURE = 50
NOTES = HERE / "notes.md"
LICENCE = HERE / "minilm_licence.txt"


def mail(folder: Path, known: Hashes | None = None) -> tuple[DataSet, DataSet]:
    """The labelled messages found in ``folder``, and altered copies of some.

    Those without label are the unlabelled ones of the set, each text once, only those whose hash is
    among ``known`` if that is given; threads are put together as a scan does it. Each message names
    its mailbox: what is measured is the mail of people of whom a model knows nothing.
    """
    labels = {label["message_id"]: label for label in _lines("labels.jsonl")}
    edits = defaultdict(list)
    for edit in _lines("edits.jsonl"):
        edits[edit["message_id"]].append(edit)
    altered: list[tuple[int, Example]] = []
    found = list(messages(folder))
    threads = thread_ids(one.header for one in found)
    examples: dict[str, Example] = {}
    unlabelled: dict[str, Example] = {}
    changed = 0
    for header, text, quoted, custodian in found:
        group = threads[header.key]
        for edit in edits.get(header.message_id, ()):
            if _short_hash(text) == edit["text"]:
                altered.append((text_hash(text), _altered(text, quoted, custodian, edit)))
        label = labels.get(header.message_id)
        if label is None:
            one = Example(text, 0, group=group, domain="mail", quoted=quoted, custodian=custodian)
            unlabelled.setdefault(text, one)
            continue
        same = _short_hash(text) == label["text"]
        changed += not same and bool(label["evidence"] or label.get("near_evidence"))
        examples[header.message_id] = Example(
            text=text,
            flag=label["flag"],
            signals=tuple(label["signals"]),
            evidence=_spans(text, label["evidence"]) if same else (),
            near_signals=tuple(label.get("near_signals", ())) if same else (),
            near_evidence=_spans(text, label.get("near_evidence", ())) if same else (),
            group=group,
            weight=NO_WEIGHT if label["stratum"] in ("new", "again") else label["weight"],
            unsure=bool(label["unsure"]),
            domain="mail",
            quoted=quoted,
            chance=chance(label),
            custodian=custodian,
        )
    more = tuple(unlabelled.values())
    if known is not None:
        same_texts = seen([one.text for one in more], known)
        more = tuple(one for one, kept in zip(more, same_texts, strict=True) if kept)
    # The thread is that of the copy which is learnt from: another may lie elsewhere.
    threads_of = {text_hash(one.text): one.group for one in [*more, *examples.values()]}
    changed_texts = tuple(
        replace(one, group=threads_of[origin]) for origin, one in altered if origin in threads_of
    )
    lacking = len(labels) - len(examples)
    print(
        f"{len(examples)} labelled messages found, {lacking} not; {changed} read differently now; "
        f"{len(more)} unlabelled texts, {len(unlabelled) - len(more)} of other mail left out; "
        f"{len(changed_texts)} of {sum(map(len, edits.values()))} alterations"
    )
    ordered = tuple(examples[key] for key in sorted(examples))
    return DataSet("enron", ordered, more), DataSet("enron altered", changed_texts)


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


def _spans(text: str, places: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    return tuple(text[a:b] for a, b in places)


def _altered(text: str, quoted: str, custodian: str, edit: dict[str, Any]) -> Example:
    for start, end, words in sorted(edit["edits"], reverse=True):
        text = text[:start] + words + text[end:]
    return Example(
        text=text,
        flag=edit["flag"],
        signals=tuple(edit["signals"]),
        evidence=_spans(text, edit["evidence"]),
        weight=NO_WEIGHT,
        domain="mail",
        quoted=quoted,
        chance=chance(edit),
        altered=True,
        custodian=custodian,
    )


def chance(label: dict[str, Any]) -> float:
    """How likely a reader flags it: the mean of its flag and of the grades that readers gave.

    A doubt that stayed is half a flag.
    """
    told = [0.5 if label.get("unsure") else float(label["flag"])] if label["readings"] else []
    told += [min(1.0, grade / SURE) for grade in label.get("grades", ())]
    return sum(told) / len(told)


class Found(NamedTuple):
    """A message: what threading needs, "subject, blank line, authored text", what is quoted.

    ``custodian`` is the name of the mailbox that it was first met in, or of its file.
    """

    header: ThreadHeader
    text: str
    quoted: str
    custodian: str


def messages(folder: Path) -> Iterator[Found]:
    """All messages of the corpus, each once."""
    found: set[str] = set()
    for unit in discover([folder]):
        if isinstance(unit, NotRead):
            continue
        for event in unit.events(0):
            if not isinstance(event, Item):
                continue
            try:
                message = parse_message(event.data)
            except MailError:
                continue
            if message.message_id in found:
                continue
            found.add(message.message_id)
            people = [message.sender, *message.to, *message.cc, *message.bcc]
            header = ThreadHeader(
                key=len(found),
                message_id=message.message_id,
                references=message.references,
                in_reply_to=message.in_reply_to,
                subject=message.subject,
                date=message.date,
                participants={p.address.casefold() for p in people if p and p.address},
            )
            text = f"{message.subject}\n\n{message.authored}"
            yield Found(header, text, message.quoted, event.custodian or event.source)


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def main() -> None:
    """Read, train, write the model folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mail", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HERE.parent / "detector")
    parser.add_argument("--all-mail", action="store_true", help="also what was not learnt from")
    whence = parser.add_mutually_exclusive_group(required=True)
    whence.add_argument("--minilm", type=Path)
    whence.add_argument("--encoder", type=Path, metavar="MODEL")
    parser.add_argument("--work", type=Path, default=Path("encoders"), help="kept between runs")
    parser.add_argument("--workers", type=int, default=1, help="processes, about 3 GB each")
    options = parser.parse_args()
    if options.minilm:
        # Nobody else needs PyTorch.
        from teach import teacher

        encoders = teacher(options.minilm, options.work, options.workers)
    else:
        encoders = kept_encoder(options.encoder)
    known = None if options.all_mail else encoder_hashes(HERE.parent / "detector")
    labelled, altered = mail(options.mail, known)
    texts = [read_data(file) for file in sorted((HERE / "texts").glob("*.jsonl"))]
    train(
        [labelled],
        base=[*texts, altered],
        out=options.out,
        unlabelled=True,
        workers=options.workers,
        encoders=encoders,
        threshold=THRESHOLD,
        classifier=RiskClassifier(),
        name="default",
        notes=NOTES.read_text("utf-8"),
        say=print,
    )
    shutil.copy(LICENCE, options.out)


if __name__ == "__main__":
    main()
