"""What the detector is built from: labels and alterations, keyed to mail that one fetches."""

from __future__ import annotations

import hashlib
import json
import sys
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

TRAINING = Path(__file__).parents[2] / "models" / "training"
sys.path.insert(0, str(TRAINING))
import build  # noqa: E402

from riskscan.detect.encoder import TAUGHT  # noqa: E402
from riskscan.learn.seen import Hashes, encoder_hashes, hashes_of  # noqa: E402

BODIES = {
    "one": "Please book the room for Friday. The caterer has been told.",
    "two": "The permit came on Monday, so we can start the pumps.",
    "three": "Lunch at noon?",
}


def _text(name: str) -> str:
    return f"Note {name}\n\n{BODIES[name]}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    folder = tmp_path / "mail"
    folder.mkdir()
    for name, body in BODIES.items():
        message = EmailMessage()
        message["From"], message["To"] = "ann@example.org", "bob@example.org"
        message["Subject"], message["Message-ID"] = f"Note {name}", f"<{name}@example.org>"
        message.set_content(body)
        (folder / f"{name}.eml").write_bytes(bytes(message))
    return folder


def _kept(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: list[dict[str, Any]]) -> None:
    for name, rows in files.items():
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, "utf-8")
    monkeypatch.setattr(build, "HERE", folder)


def _edit(name: str, old: str, new: str, **more: Any) -> dict[str, Any]:
    text = _text(name)
    at = text.index(old)
    return {
        "message_id": f"<{name}@example.org>", "text": _hash(text), "readings": 1,
        "edits": [[at, at + len(old), new]], "flag": 1, "signals": ["legal_doubt"],
        "evidence": [[at, at + len(new)]], "grades": [],
    } | more  # fmt: skip


def _known(name: str) -> Hashes:
    with TemporaryDirectory() as folder:
        (Path(folder) / TAUGHT).write_bytes(hashes_of([_text(name)]))
        return encoder_hashes(Path(folder))


LABEL = {
    "message_id": "<one@example.org>", "text": _hash(_text("one")), "flag": 0, "signals": [],
    "evidence": [], "unsure": 0, "readings": 1, "stratum": "S1", "weight": 2.0, "grades": [10],
}  # fmt: skip


def test_words_are_put_in_their_place(
    mail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = _edit("two", "came on Monday, so", "never came, and still")
    twice["edits"].append([0, 4, "Memo"])
    other = _edit("three", "noon", "one", text=_hash("parsed otherwise"))
    _kept(tmp_path, monkeypatch, labels=[LABEL], edits=[twice, other])
    found, altered = build.mail(mail)
    assert [one.text for one in altered.examples] == [
        "Memo two\n\nThe permit never came, and still we can start the pumps."
    ]
    made = altered.examples[0]
    assert made.altered
    assert made.evidence == ("never came, and still",)
    assert made.weight == 0.0
    assert {one.text for one in found.unlabelled} == {_text("two"), _text("three")}
    assert made.group == next(one.group for one in found.unlabelled if one.text == _text("two"))


def test_an_alteration_is_of_the_thread_that_is_measured(
    mail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = (mail / "one.eml").read_bytes().replace(b"<one@", b"<copy@")
    for word, other in ((b"Note", b"RE: Note"), (b"ann@", b"eve@"), (b"bob@", b"dan@")):
        copy = copy.replace(word, other)
    (mail / "z.eml").write_bytes(copy)
    found_text = "RE: " + _text("one")
    edit = _edit("one", "Friday", "Monday", message_id="<copy@example.org>")
    edit["text"] = _hash(found_text)
    edit["edits"] = [[start + 4, end + 4, words] for start, end, words in edit["edits"]]
    _kept(tmp_path, monkeypatch, labels=[LABEL], edits=[edit])
    found, altered = build.mail(mail)
    assert len(altered.examples) == 1
    assert altered.examples[0].group == found.examples[0].group


def test_what_is_left_out_is_not_altered(
    mail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _kept(tmp_path, monkeypatch, labels=[LABEL], edits=[_edit("two", "Monday", "Friday")])
    assert len(build.mail(mail, _known("two"))[1].examples) == 1
    found, altered = build.mail(mail, _known("three"))
    assert not altered.examples
    assert [one.text for one in found.unlabelled] == [_text("three")]


def test_a_near_miss_says_what_for_it_would_be_flagged(
    mail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = _text("one")
    start = text.index("Friday")
    near = LABEL | {"near_signals": ["threat"], "near_evidence": [[start, start + 6]]}
    elsewhere = near | {"message_id": "<two@example.org>", "text": _hash("parsed otherwise")}
    _kept(tmp_path, monkeypatch, labels=[near, elsewhere], edits=[])
    found = {one.text: one for one in build.mail(mail)[0].examples}
    told = [(found[_text(n)].near_signals, found[_text(n)].near_evidence) for n in ("one", "two")]
    assert told == [(("threat",), ("Friday",)), ((), ())]
    assert not found[text].signals


def test_a_label_and_its_grades_say_how_likely_a_reader_flags_it(
    mail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded = LABEL | {"message_id": "<two@example.org>", "readings": 0, "grades": [25, 80]}
    doubted = LABEL | {"message_id": "<three@example.org>", "unsure": 1, "grades": []}
    _kept(tmp_path, monkeypatch, labels=[LABEL, graded, doubted], edits=[])
    found, _ = build.mail(mail)
    chances = {one.text: one.chance for one in found.examples}
    assert chances == {
        _text("one"): pytest.approx((0 + 0.2) / 2),
        _text("two"): pytest.approx((0.5 + 1) / 2),
        _text("three"): 0.5,
    }
    assert not found.unlabelled


def test_the_committed_labels_and_alterations_are_whole() -> None:
    labels = [json.loads(x) for x in (TRAINING / "labels.jsonl").read_text("utf-8").splitlines()]
    assert len({one["message_id"] for one in labels}) == len(labels)
    for one in labels:
        assert bool(one["signals"]) == bool(one["flag"])
        assert one["readings"] or one["grades"]
        build.chance(one)
    edits = [json.loads(x) for x in (TRAINING / "edits.jsonl").read_text("utf-8").splitlines()]
    for one in edits:
        places = sorted(one["edits"])
        assert places
        assert all(start <= end for start, end, _ in places)
        assert all(a[1] <= b[0] for a, b in pairwise(places))
        assert bool(one["signals"]) == bool(one["flag"])
        assert one["evidence"] or not one["flag"]
        assert all(0 <= start < end for start, end in one["evidence"])
        assert all(0 <= grade <= 100 for grade in one["grades"])
