"""A scan as a whole: counts, duplicates, families, threads, findings, and the promises."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scan_building import (
    PLAIN,
    WORRY,
    attached,
    contents,
    embedded,
    mail,
    multipart,
    text_part,
    write_mbox,
    write_tree,
)

from riskscan.case.location import Location, Place
from riskscan.case.read import Case
from riskscan.case.store import CaseError
from riskscan.detect.classifier import RiskClassifier
from riskscan.engine import Culprit, Engine
from riskscan.mail import parse
from riskscan.scanning import Summary, run_scan
from riskscan.stages.score import Assessed


def scanned(export: Path | list[Path], case: Place, **more: Any) -> Summary:
    more.setdefault("entities", "none")
    return run_scan(export if isinstance(export, list) else [export], case, **more)


def records(case: Place) -> list[dict[str, Any]]:
    with Case(case) as opened:
        return list(opened.records())


# the sample mailboxes


@pytest.fixture(scope="module")
def sample_case(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    case = tmp_path_factory.mktemp("samples") / "case"
    return case, scanned(samples, case)


def test_the_samples_are_read_whole(sample_case: tuple[Path, Summary]) -> None:
    case, summary = sample_case
    assert summary.adds_up
    assert summary.complete
    assert (summary.found, summary.stored, summary.duplicates, summary.quarantined) == (
        (1218, 837, 381, 0)
    )
    assert (summary.not_read, summary.companions, summary.read) == (0, 21, 1218)
    assert summary.scored == 837
    assert summary.flagged >= 20
    with Case(case) as opened:
        assert {row["custodian"] for row in opened.manifest()} == {
            "Penhallow Creamery Slack export Mar 4 2024 - Mar 7 2024", "Wagemaker, Kees",
            "WhatsApp Chat - Quay Street site", "grant.whitlock", "ines.delcourt",
            "jun.watanabe@lumenforge.example", "leo.strand", "lim.hw", "lorraine.bostwick",
            "maeve.corrigan@lumenforge.example", "marcy.delgado", "nordlys-forsikring teams",
            "philippa.oakes", "pri.anand", "rafael.moura", "stolk.h", "thibodeaux.r", "vandalen.p",
        }  # fmt: skip
        for row in opened.manifest():
            assert row["adds_up"], row["source"]
            assert row["done"]
            assert row["sha256"] == row["sha256_after"]
        assert {row["kind"] for row in opened.unread()} == {"companion"}


def test_scanning_again_adds_nothing(samples: Path, sample_case: tuple[Path, Summary]) -> None:
    case, first = sample_case
    before = contents(case)
    again = scanned(samples, case)
    assert contents(case) == before
    assert again.read == 0
    assert (again.found, again.flagged) == (first.found, first.flagged)


def test_findings_stand_in_authored_text(sample_case: tuple[Path, Summary]) -> None:
    found = 0
    for record in records(sample_case[0]):
        authored = [(s["start"], s["end"]) for s in record["segments"] if s["role"] == "authored"]
        assert record["authored"] == "\n".join(
            record["body"][start:end].strip("\n") for start, end in authored
        )
        for finding in record["findings"]:
            found += 1
            start, end = finding["start"], finding["end"]
            assert start < end
            if finding["segment"] == "subject":
                assert record["subject"][start:end] == finding["text"]
            elif finding["segment"] == "attachment":
                text = record["attachments"][finding["attachment"]]["text"]
                assert text[start:end] == finding["text"]
            else:
                assert finding["segment"] == "authored"
                assert record["body"][start:end] == finding["text"]
                assert any(a <= start < end <= b for a, b in authored)
    assert found > 100


def test_threads_span_mailboxes(sample_case: tuple[Path, Summary]) -> None:
    threads: dict[str, set[str]] = {}
    for record in records(sample_case[0]):
        assert record["thread_id"]
        threads.setdefault(record["thread_id"], set()).add(record["custodians"][0])
    assert sum(len(custodians) > 1 for custodians in threads.values()) >= 10


def test_exports_are_not_touched(tmp_path: Path) -> None:
    box = write_mbox(tmp_path / "in" / "box.mbox", [mail(1), mail(2)])
    tree = write_tree(tmp_path / "in" / "tree", [mail(3)])
    os.utime(box, ns=(10**18, 10**18))

    def state() -> list[tuple[str, int, bytes]]:
        return [
            (str(f), f.stat().st_mtime_ns, f.read_bytes() if f.is_file() else b"")
            for f in sorted((tmp_path / "in").rglob("*"))
        ]

    before = state()
    scanned([box, tree], tmp_path / "case", workers=1)
    assert state() == before


def test_a_custodian_can_be_named(tmp_path: Path) -> None:
    box = write_mbox(tmp_path / "box.mbox", [mail(1), mail(1)])
    scanned(box, tmp_path / "case", custodian="Nora Quill")
    (record,) = records(tmp_path / "case")
    assert record["custodians"] == ["Nora Quill"]
    assert record["duplicates"][0]["custodian"] == "Nora Quill"


# promise 1

GOOD = st.integers(1, 12).map(mail)
KINDS = st.one_of(
    GOOD,
    st.binary(max_size=300),
    st.just(b""),
    GOOD.map(lambda m: b"\0\1\2" * 30 + m),
    GOOD.map(lambda m: m[: len(m) // 3]),
    st.integers(1, 9).map(lambda i: multipart(i, [text_part("one"), embedded(mail(40 + i))])),
    st.just(b"\x89PNG\r\n\x1a\n" + b"\0" * 40),
)
NAMES = st.sampled_from(["a.eml", "b", "c.mbox", "d.mbox.gz", "e.zip", "f.bin", "g.txt", "7."])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    files=st.lists(st.tuples(NAMES, KINDS), min_size=1, max_size=6),
    box=st.lists(KINDS, max_size=5),
)
def test_nothing_is_lost_whatever_the_files_are(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, bytes]], box: list[bytes]
) -> None:
    place = tmp_path_factory.mktemp("mixed")
    for name, data in files:
        (place / "in").mkdir(exist_ok=True)
        (place / "in" / name).write_bytes(data)
    write_mbox(place / "in" / "box.mbox", box)
    packed = gzip.compress((place / "in" / "box.mbox").read_bytes())
    (place / "in" / "whole.mbox.gz").write_bytes(packed)
    (place / "in" / "cut.mbox.gz").write_bytes(packed[: len(packed) // 2])
    summary = scanned(place / "in", place / "case")
    assert summary.adds_up
    with Case(place / "case") as opened:
        manifest, unread = opened.manifest(), opened.unread()
    assert all(row["adds_up"] for row in manifest)
    # Every file is accounted for, as a source or part of one, or as not read with a reason.
    sources = [row["source"] for row in manifest] + [row["source"] for row in unread]
    single = {"in/" + row["place"] for row in unread if row["source"] == "in"}
    for file in sorted((place / "in").iterdir()):
        name = f"in/{file.name}"
        told = any(s == name or s.startswith(f"{name}!/") for s in sources)
        assert told or name in single or "in" in sources, name
    assert all(row["reason"] for row in unread)
    assert summary.complete == (not any(row["kind"] != "companion" for row in unread))
    before = contents(place / "case")
    scanned(place / "in", place / "case")
    assert contents(place / "case") == before


def test_the_same_damage_in_two_exports_of_one_name_is_counted_twice(tmp_path: Path) -> None:
    bad = b"From: a@b.example\n\n"
    for name in ("one", "two"):
        write_mbox(tmp_path / name / "box.mbox", [mail(1), bad + b"\0" * 20])
        (tmp_path / name / "x.bin").write_bytes(b"\x7fELF" + b"\0" * 50)
    summary = scanned([tmp_path / "one", tmp_path / "two"], tmp_path / "case")
    assert summary.adds_up
    assert summary.not_read == 2


def test_a_fault_of_the_parser_quarantines_the_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = write_mbox(tmp_path / "box.mbox", [mail(1), mail(2, "poison"), mail(3)])
    whole = parse.parse_message

    def poisoned(data: bytes, *others: Any) -> Any:
        if b"poison" in data:
            raise RecursionError("too deep")
        return whole(data, *others)

    monkeypatch.setattr(parse, "parse_message", poisoned)
    summary = scanned(box, tmp_path / "case")
    assert (summary.found, summary.stored, summary.quarantined) == (3, 2, 1)
    assert summary.adds_up
    assert not summary.complete
    with Case(tmp_path / "case") as opened:
        (lost,) = opened.unread()
    assert lost["kind"] == "quarantined"
    assert "RecursionError: too deep" in lost["reason"]
    start, length = map(int, lost["place"].removeprefix("offset ").split("+"))
    raw = box.read_bytes()[start : start + length]
    assert b"poison" in raw
    assert lost["bytes"] == len(mail(2, "poison"))
    assert lost["sha256"] == hashlib.sha256(mail(2, "poison")).hexdigest()


def test_a_mended_file_is_read_and_no_longer_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_mbox(tmp_path / "in" / "a.mbox", [mail(1)])
    (tmp_path / "in" / "b.mbox").symlink_to(tmp_path / "nowhere")
    assert scanned(tmp_path / "in", tmp_path / "case").not_read == 1
    (tmp_path / "in" / "b.mbox").unlink()
    write_mbox(tmp_path / "in" / "b.mbox", [mail(2)])
    summary = scanned(tmp_path / "in", tmp_path / "case")
    assert (summary.found, summary.stored, summary.not_read) == (2, 2, 0)


def test_names_of_any_bytes(tmp_path: Path) -> None:
    odd = os.fsdecode(b"caf\xe9 \xff.mbox")
    write_mbox(tmp_path / odd, [mail(1)])
    summary = scanned(tmp_path / odd, tmp_path / "case")
    assert summary.stored == 1
    assert scanned(tmp_path / odd, tmp_path / "case").read == 0


# changes under the scan


class _Meddling:
    """Changes a file once a stage has begun."""

    def __init__(self, file: Path, data: bytes) -> None:
        self.file, self.data = file, data

    def start(self, stage: str, total: int, unit: str) -> None:
        pass

    def advance(self, amount: int, messages: int) -> None:
        if messages:
            self.file.write_bytes(self.data)

    def finish(self) -> None:
        pass


def test_an_export_changed_while_it_is_read_is_told(tmp_path: Path) -> None:
    box = write_mbox(tmp_path / "box.mbox", [mail(1), mail(2)])
    meddling = _Meddling(box, box.read_bytes() + b"\n")
    summary = scanned(box, tmp_path / "case", progress=meddling)
    assert summary.changed_exports == 1
    assert not summary.complete
    with Case(tmp_path / "case") as opened:
        (row,) = opened.manifest()
    assert row["sha256"] != row["sha256_after"]
    assert row["sha256_after"] == hashlib.sha256(box.read_bytes()).hexdigest()


def test_an_export_left_half_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskscan.stages.ingest._BATCH_MESSAGES", 2)
    box = write_mbox(tmp_path / "box.mbox", [mail(i) for i in range(1, 9)])

    class Stopped(_Meddling):
        def advance(self, amount: int, messages: int) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scanned(box, tmp_path / "case", progress=Stopped(box, b""))
    other = write_mbox(tmp_path / "other.mbox", [mail(100)])
    summary = scanned(other, tmp_path / "case")
    assert summary.unfinished == 1
    assert not summary.complete
    summary = scanned(box, tmp_path / "case")
    assert (summary.unfinished, summary.stored, summary.duplicates) == (0, 9, 0)
    assert summary.complete


# duplicates and families


def test_duplicates_by_message_id_and_by_content(tmp_path: Path, case_place: Location) -> None:
    box = write_mbox(
        tmp_path / "ada.mbox",
        [
            mail(1, "The crates are here."),
            mail(1, "The crates are lost."),  # same id, says something else: another message
            mail(1, "The  crates are here.", message_id="<new@quayside.example>"),
            mail(1, "The crates are here.", message_id=""),
            mail(2, "Another matter."),
        ],
    )
    summary = scanned(box, case_place)
    assert (summary.found, summary.stored, summary.duplicates) == (5, 3, 2)
    assert summary.differing_duplicates == 0
    first = next(r for r in records(case_place) if r["message_id"] == "<1@quayside.example>")
    assert [(d["message_id"], d["same_content"]) for d in first["duplicates"]] == [
        ("<new@quayside.example>", True),
        ("", True),
    ]
    assert all(d["place"].startswith("offset ") for d in first["duplicates"])


def test_messages_without_id_are_told_apart_by_content(
    tmp_path: Path, case_place: Location
) -> None:
    box = write_mbox(
        tmp_path / "ada.mbox", [mail(1, f"Crate {i}.", message_id="") for i in (1, 2, 1)]
    )
    summary = scanned(box, case_place)
    assert (summary.stored, summary.duplicates) == (2, 1)


def test_duplicates_across_custodians(tmp_path: Path, case_place: Location) -> None:
    for name in ("ada", "bo", "cy"):
        write_mbox(tmp_path / "in" / f"{name}.mbox", [mail(1), mail(2 + ord(name[0]))])
    scanned(tmp_path / "in", case_place, workers=1)
    (record,) = [r for r in records(case_place) if r["message_id"] == "<1@quayside.example>"]
    assert record["custodians"] == ["ada", "bo", "cy"]
    assert [(d["custodian"], d["source"]) for d in record["duplicates"]] == [
        ("bo", "in/bo.mbox"),
        ("cy", "in/cy.mbox"),
    ]
    assert record["source"] == "in/ada.mbox"


def test_what_it_says_tells_a_copy_also_inside_one_batch(
    tmp_path: Path, case_place: Location
) -> None:
    # The third has the id of the first and the content of the second.
    box = write_mbox(
        tmp_path / "a.mbox",
        [
            mail(1, "One."),
            mail(2, "Two."),
            mail(2, "Two.", message_id="<1@quayside.example>"),
            mail(2, "Two.", message_id="<2@quayside.example>"),
        ],
    )
    summary = scanned(box, case_place)
    assert (summary.stored, summary.duplicates, summary.differing_duplicates) == (2, 2, 0)
    by_id = {r["message_id"]: r for r in records(case_place)}
    assert len(by_id["<1@quayside.example>"]["duplicates"]) == 0
    assert len(by_id["<2@quayside.example>"]["duplicates"]) == 2


def test_embedded_messages_are_a_family(tmp_path: Path, case_place: Location) -> None:
    inner = mail(50, WORRY, subject="the invoices")
    box = write_mbox(
        tmp_path / "box.mbox",
        [multipart(1, [text_part("See below."), embedded(inner)]), mail(2)],
    )
    summary = scanned(box, case_place)
    assert (summary.found, summary.stored, summary.embedded) == (2, 2, 1)
    assert summary.scored == 3
    by_id = {r["message_id"]: r for r in records(case_place)}
    child, parent = by_id["<50@quayside.example>"], by_id["<1@quayside.example>"]
    assert child["parent_id"] == parent["id"]
    assert child["place"] == f"{parent['place']}/embedded 1"
    assert child["flagged"]
    assert not parent["flagged"]
    with Case(case_place) as opened:
        assert [m["id"] for m in opened.family(parent["id"])] == [child["id"]]
        assert [m["id"] for m in opened.family(child["id"])] == [parent["id"]]


def test_an_embedded_message_that_is_also_a_message(tmp_path: Path, case_place: Location) -> None:
    inner = mail(50, "The crates are wet.")
    box = write_mbox(
        tmp_path / "box.mbox",
        [inner, multipart(1, [text_part("See below."), embedded(inner)])],
    )
    summary = scanned(box, case_place)
    assert (summary.found, summary.stored, summary.duplicates, summary.embedded) == (2, 2, 0, 1)
    assert summary.adds_up
    (record,) = [r for r in records(case_place) if r["message_id"] == "<50@quayside.example>"]
    assert len(record["duplicates"]) == 1
    assert record["parent_id"] is None


def test_a_duplicate_with_other_embedded_messages(tmp_path: Path, case_place: Location) -> None:
    box = write_mbox(
        tmp_path / "box.mbox",
        [
            multipart(1, [text_part("See."), attached("a.txt", "one"), embedded(mail(50))]),
            multipart(1, [text_part("See."), attached("a.txt", "one"), embedded(mail(51))]),
            multipart(1, [text_part("See."), attached("a.txt", "two"), embedded(mail(50))]),
        ],
    )
    summary = scanned(box, case_place)
    assert (summary.stored, summary.duplicates, summary.embedded) == (2, 1, 3)
    assert summary.differing_duplicates == 1
    assert summary.adds_up
    rows = records(case_place)
    first = min(r["id"] for r in rows if r["message_id"] == "<1@quayside.example>")
    # What only the duplicate brings is kept, in the family of the message that it repeats.
    inner = next(r for r in rows if r["message_id"] == "<51@quayside.example>")
    assert inner["parent_id"] == first


# score

ANSWERED = "On Mon, Mar 4, 2024, Ben Tarn wrote:\n> Lot 7.\n"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the classifier was given each text."""
    counted: Counter[str] = Counter()
    assess = RiskClassifier.assess

    def counting(self: RiskClassifier, X: Any, quoted: Any) -> Any:
        counted.update(X)
        counted.update(f"quoted: {text}" for text in quoted if text)
        return assess(self, X, quoted)

    monkeypatch.setattr(RiskClassifier, "assess", counting)
    return counted


def test_equal_texts_are_scored_once(
    tmp_path: Path, calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskscan.stages.score._BATCH_MESSAGES", 3)
    bodies = [f"{WORRY}\n\n{ANSWERED}"] * 8
    box = write_mbox(tmp_path / "a.mbox", [mail(i, body) for i, body in enumerate(bodies)])
    scanned(box, tmp_path / "case")
    assert calls.total() == 2, "the text and what it quotes"
    # What it quotes in front of it, so that it stands elsewhere; scanned later.
    more = write_mbox(tmp_path / "b.mbox", [mail(i, f"{ANSWERED}\n{WORRY}\n") for i in (500, 501)])
    scanned(more, tmp_path / "case")
    assert calls.total() == 2
    found = records(tmp_path / "case")
    assert len({r["score"] for r in found if r["body"].startswith(WORRY)}) == 1
    for record in found:
        assert record["flagged"]
        for finding in record["findings"]:
            if finding["segment"] == "authored":
                assert record["body"][finding["start"] : finding["end"]] == finding["text"]


def test_an_answer_is_read_beside_what_it_answers_to(tmp_path: Path, calls: Counter[str]) -> None:
    bodies = [f"I concur.\n\n{ANSWERED}{line}" for line in ("", f"> {WORRY}\n")]
    box = write_mbox(tmp_path / "a.mbox", [mail(i, body) for i, body in enumerate(bodies)])
    scanned(box, tmp_path / "case")
    assert sum(n for text, n in calls.items() if "I concur." in text) == 2
    assert [text.count(WORRY) for text in calls if text.startswith("quoted: ")] == [0, 1]
    plain, worse = sorted(records(tmp_path / "case"), key=lambda r: len(r["body"]))
    assert worse["score"] > plain["score"]
    assert all(found["segment"] != "quoted" for found in worse["findings"])
    assert "illegal" not in str(worse["findings"])


def test_quoted_text_alone_is_not_scored(tmp_path: Path, calls: Counter[str]) -> None:
    body = f"On Mon, Mar 4, 2024, Ben Tarn wrote:\n> {WORRY}\n> {WORRY}\n"
    box = write_mbox(tmp_path / "a.mbox", [mail(1, body, subject="Re: crates")])
    assert scanned(box, tmp_path / "case").flagged == 0
    assert not any("illegal" in text for text in calls if not text.startswith("quoted: "))
    (record,) = records(tmp_path / "case")
    assert WORRY in record["body"]
    assert WORRY not in record["authored"]


def test_a_finding_in_an_attachment_flags_the_message(tmp_path: Path) -> None:
    message = multipart(1, [text_part(PLAIN), attached("n.txt", PLAIN), attached("m.txt", WORRY)])
    box = write_mbox(tmp_path / "a.mbox", [message])
    assert scanned(box, tmp_path / "case").flagged == 1
    (record,) = records(tmp_path / "case")
    best = record["findings"][0]
    assert (best["segment"], best["attachment"]) == ("attachment", 1)
    assert record["attachments"][1]["text"][best["start"] : best["end"]] == best["text"]


def test_a_finding_in_a_subject(tmp_path: Path) -> None:
    box = write_mbox(tmp_path / "a.mbox", [mail(1, "Call me.", subject=WORRY)])
    assert scanned(box, tmp_path / "case").flagged == 1
    (record,) = records(tmp_path / "case")
    best = record["findings"][0]
    assert best["segment"] == "subject"
    assert record["subject"][best["start"] : best["end"]] == best["text"]


def test_long_texts_are_read_in_pieces_to_the_end(
    tmp_path: Path, calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskscan.stages.pending.LONGEST_PIECE", 2_000)
    monkeypatch.setattr("riskscan.stages.score._DOCUMENT_CHARACTERS", 4_000)
    monkeypatch.setattr("riskscan.stages.score._BATCH_CHARACTERS", 4_000)
    body = "".join(f"The crate number {i} stands on the quay.\n" for i in range(500)) + WORRY
    message = multipart(2, [text_part("Hello."), attached("long.txt", body)])
    box = write_mbox(tmp_path / "a.mbox", [mail(1, body), message])
    scanned(box, tmp_path / "case")
    assert max(map(len, calls)) < 4_100
    for record in records(tmp_path / "case"):
        (found,) = [f for f in record["findings"] if "illegal" in f["text"]]
        attachment = found["segment"] == "attachment"
        whole = record["attachments"][0]["text"] if attachment else record["body"]
        assert whole[found["start"] : found["end"]] == found["text"]
        assert whole == body or whole == body + "\n"


def test_a_score_does_not_depend_on_its_neighbours(tmp_path: Path) -> None:
    chance = random.Random(1)
    bodies = [
        " ".join(chance.choices([WORRY, PLAIN, "Who signs?", "Keep this quiet."], k=3)) + f" {i}"
        for i in range(40)
    ]
    box = write_mbox(tmp_path / "a.mbox", [mail(i, b) for i, b in enumerate(bodies)])
    scanned(box, tmp_path / "together")
    for i, body in enumerate(bodies[:12]):
        write_mbox(tmp_path / f"{i}.mbox", [mail(i, body)])
        scanned(tmp_path / f"{i}.mbox", tmp_path / "alone")
    alone = {r["message_id"]: r["score"] for r in records(tmp_path / "alone")}
    together = {r["message_id"]: r["score"] for r in records(tmp_path / "together")}
    assert {k: together[k] for k in alone} == alone


def test_a_text_that_kills_its_worker_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = write_mbox(tmp_path / "a.mbox", [mail(1), mail(2, WORRY), mail(3, WORRY), mail(4, "Hm.")])
    whole = Engine.map

    def deadly(self: Engine, work: Any, batches: Any, *rest: Any, **more: Any) -> Any:
        for context, results in whole(self, work, batches, *rest, **more):
            yield (
                context,
                [
                    Culprit("died") if isinstance(one, Assessed) and one.flagged else one
                    for one in results
                ],
            )

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "map", deadly)
        summary = scanned(box, tmp_path / "case")
    assert (summary.stored, summary.scored, summary.failed) == (4, 2, 2)
    assert summary.adds_up
    assert not summary.complete
    summary = scanned(box, tmp_path / "case")
    assert (summary.scored, summary.failed, summary.flagged) == (4, 0, 2)
    assert summary.complete


# what is refused


def test_an_export_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no file or folder"):
        scanned(tmp_path / "nothing.mbox", tmp_path / "case")
    assert not (tmp_path / "case").exists()


def test_a_case_inside_its_export_is_refused(tmp_path: Path) -> None:
    write_mbox(tmp_path / "in" / "a.mbox", [mail(1)])
    with pytest.raises(CaseError, match="inside the export"):
        scanned(tmp_path / "in", tmp_path / "in" / "case")
    assert [f.name for f in (tmp_path / "in").iterdir()] == ["a.mbox"]


def test_a_message_over_the_limit_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskscan.case.settings.LARGEST_MESSAGE", 2_000)
    box = write_mbox(tmp_path / "a.mbox", [mail(1), mail(2, "long line " * 500), mail(3)])
    summary = scanned(box, tmp_path / "case")
    assert (summary.stored, summary.not_read) == (2, 1)
    with Case(tmp_path / "case") as opened:
        (lost,) = opened.unread()
    assert "2,000" in lost["reason"]
    assert lost["sha256"]


def test_summary_is_json(sample_case: tuple[Path, Summary]) -> None:
    figures = json.loads(json.dumps(sample_case[1].as_dict()))
    assert figures["adds_up"] is True
    assert figures["complete"] is True
    assert figures["peak_memory"] > 50 * 2**20
