"""Labelled messages are read from every format alike, and what is wrong is named with its line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled_building import as_row, data_set, examples, write_jsonl

from riskscan.case.open import CaseError, open_case
from riskscan.learn.data import DataSet, Example, from_frame, read_data
from riskscan.learn.errors import DataError
from riskscan.learn.merge import merge
from riskscan.learn.sampling import read_weighted
from riskscan.learn.seen import load_hashes, save_hashes, seen, text_hash

WORDS = "Subject line\n\nIs this allowed, or are we in breach?"


def _read(folder: Path, *rows: dict[str, Any]) -> DataSet:
    return read_data(write_jsonl(folder / "some.jsonl", rows))


def test_every_format_gives_the_same_data(tmp_path: Path) -> None:
    some = examples(24)
    rows = [as_row(e) for e in some]
    sets = [read_data(write_jsonl(tmp_path / "a.jsonl", some))]
    pd.DataFrame(rows).to_parquet(tmp_path / "a.parquet")
    sets.append(read_data(tmp_path / "a.parquet"))
    for name, joined in (("json.csv", json.dumps), ("plain.csv", "\n".join)):
        with (tmp_path / name).open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0].keys())
            writer.writeheader()
            for row in rows:
                lists = {c: joined(row[c]) for c in ("signals", "evidence")}
                writer.writerow(row | lists)
        sets.append(read_data(tmp_path / name))
    sets.append(from_frame(pd.DataFrame(rows)))
    for one in sets:
        assert one.examples == tuple(some)
        assert one.fingerprint == sets[0].fingerprint


def test_text_may_stand_in_one_column_and_flags_in_words(tmp_path: Path) -> None:
    flags: list[Any] = [1, True, "yes", "1.0", 1.0, "TRUE", 0, False, "no", "0", 0.0]
    found = _read(tmp_path, *({"text": WORDS, "flag": flag} for flag in flags))
    assert [e.flag for e in found.examples] == [1] * 6 + [0] * 5
    assert {e.text for e in found.examples} == {WORDS}
    assert found.examples[0] == Example(WORDS, 1)


def test_rows_without_a_flag_are_counted(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["a b", "c d", "e f"], "flag": [1.0, None, 0.0]})
    frame.to_csv(tmp_path / "some.csv", index=False)
    found = read_data(tmp_path / "some.csv")
    assert [e.flag for e in found.examples] == [1, 0]
    assert len(found.unlabelled) == 1
    assert found.describe()["unlabelled"] == 1
    assert len(from_frame(frame).unlabelled) == 1
    assert len(from_frame(frame.convert_dtypes()).unlabelled) == 1


def test_an_export_with_flags(tmp_path: Path) -> None:
    """The verdicts and signals of the model are no labels."""
    body = "I doubt it is legal.\n\n> quoted words\n\nStop."
    line = {
        "message_id": "<1@x>", "subject": "pumps", "authored": "I doubt it is legal.\nStop.",
        "body": body, "thread_id": "t7", "flagged": True, "signals": ["threat"], "score": 0.9,
        "segments": [
            {"role": "authored", "start": 0, "end": 20},
            {"role": "quoted", "start": 20, "end": 38},
            {"role": "authored", "start": 38, "end": 43},
        ],
    }  # fmt: skip
    found = _read(tmp_path, line | {"flag": 1, "flag_signals": ["legal_doubt"]}, line)
    assert len(found.unlabelled) == 1
    (example,) = found.examples
    assert example.text == "pumps\n\nI doubt it is legal.\n\nStop."
    assert example.group == "t7"
    assert example.signals == ("legal_doubt",)
    with pytest.raises(DataError, match=r"no labelled message.*'flagged' is what a model said"):
        _read(tmp_path, line)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"text": WORDS, "flag": 2}, "'flag' must be 0 or 1, not '2'"),
        ({"flag": 1}, "there is no 'text', nor 'subject' and 'authored'"),
        ({"text": 5, "flag": 1}, "'text' must be text, not int"),
        ({"subject": [1], "authored": "x", "flag": 1}, "'subject' must be text, not list"),
        ({"text": WORDS, "flag": 1, "signals": ["fraud"]}, "'fraud' is no signal"),
        ({"text": WORDS, "flag": 0, "signals": ["threat"]}, "signals although the flag is 0"),
        ({"text": WORDS, "flag": 1, "signals": {"threat": 1}}, "'signals' must be a list of texts"),
        ({"text": WORDS, "flag": 1, "evidence": [3]}, "'evidence' must be a list of texts"),
        ({"text": WORDS, "flag": 1, "evidence": "[3,]"}, "'evidence' is no JSON list"),
        (
            {"text": WORDS, "flag": 1, "weight": 0},
            "'weight' must be a number from 1e-12 to 1e+12, not '0'",
        ),
        ({"text": WORDS, "flag": 1, "weight": "much"}, "'weight' must be a number from"),
        ({"text": WORDS, "flag": 1, "weight": "inf"}, "'weight' must be a number from"),
        ({"text": WORDS, "flag": 1, "unsure": "perhaps"}, "'unsure' must be 0 or 1"),
        (
            {"flag": 1, "authored": "x", "body": "x", "segments": [{"role": "authored"}]},
            "'segments' need role, start and end",
        ),
    ],
)
def test_faults_name_their_line(tmp_path: Path, row: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError) as caught:
        _read(tmp_path, {"text": "fine", "flag": 0}, row)
    assert told in str(caught.value)
    assert f"'{tmp_path / 'some.jsonl'}', line 2" in str(caught.value)


def test_faults_of_files(tmp_path: Path) -> None:
    def told(name: str, content: bytes) -> str:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError) as caught:
            read_data(tmp_path / name)
        return str(caught.value)

    assert "line 2: this is not JSON" in told("a.jsonl", b'{"text": "a", "flag": 1}\n{"text"\n')
    assert "line 1: this is not JSON" in told("a.jsonl", b"[" * 100_000)
    assert "line 1: each line must be one JSON object" in told("a.jsonl", b"[1]\n")
    assert "is not UTF-8" in told("a.jsonl", b'{"text": "\xff", "flag": 1}\n')
    assert "is empty" in told("a.jsonl", b"\n\n")
    assert "is empty" in told("a.csv", b"")
    assert "line 3: the row ending here has not 2 fields" in told("a.csv", b"text,flag\nx,1\ny\n")
    assert "has not 2 fields" in told("a.csv", b"text,flag\nx,1,2\n")
    assert "line 2: " in told("a.csv", b'text,flag\n"x"y,1\n')
    assert "is not UTF-8" in told("a.csv", b"text,flag\n\xff,1\n")
    assert "cannot be read as Parquet" in told("a.parquet", b"PAR1 no")
    assert "is not one of .jsonl, .csv, .parquet" in told("a.pkl", b"")
    with pytest.raises(DataError, match="no file or folder"):
        read_data(tmp_path / "none.jsonl")


def test_cases(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no riskscan case"):
        read_data(tmp_path)
    with open_case(tmp_path / "case"):
        pass
    with pytest.raises(DataError, match="holds no decisions to learn from"):
        read_data(tmp_path / "case")
    (tmp_path / "case" / "case.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(CaseError):
        read_data(tmp_path / "case")


def test_a_lone_surrogate_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "are \\ud800 we allowed", "flag": 1}\n')
    found = read_data(tmp_path / "a.jsonl")
    assert found.examples[0].text == "are \N{REPLACEMENT CHARACTER} we allowed"
    assert len(found.fingerprint) == 64


def test_the_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    some = examples(10)
    one = DataSet("a", tuple(some))
    assert DataSet("b", tuple(reversed(some))).fingerprint == one.fingerprint
    assert DataSet("a", tuple(some[:-1])).fingerprint != one.fingerprint
    other = Example(some[0].text, 1 - some[0].flag)
    assert DataSet("a", (other, *some[1:])).fingerprint != one.fingerprint


def test_what_is_quoted_stands_in_a_column_or_in_the_body(tmp_path: Path) -> None:
    body = "I concur.\n> Hide it.\nBye.\nOn Monday Bo wrote: pay twice."
    roles = [("authored", 0, 9), ("quoted", 10, 20), ("authored", 21, 25), ("forwarded", 26, 55)]
    segments = [dict(zip(("role", "start", "end"), one, strict=True)) for one in roles]
    row = {"subject": "Re: A", "authored": "I concur. Bye.", "flag": 1}
    found = _read(
        tmp_path,
        row | {"quoted": "Hide it."},
        row | {"body": body, "segments": segments, "quoted": "not read"},
        row,
    ).examples
    assert [e.quoted for e in found] == ["Hide it.", f"> Hide it.\n\n{body[26:55]}", ""]
    assert found[1].text == "Re: A\n\nI concur.\n\nBye."
    assert merge([DataSet("one", (found[0],))]).quoted == ["Hide it."]


def test_what_unlabelled_mail_quotes_stays_with_it() -> None:
    some = [Example(f"text {n}", 0, group=f"g{n}", quoted=f"> {n}") for n in range(6)]
    merged = merge([DataSet("one", (Example("own", 1),), tuple(some))], unlabelled=True)
    kept = merged.rows(np.ones(1, bool), without=merged.unlabelled_groups[:2])
    for one, count in ((merged, 6), (kept, 4)):
        assert len(one.unlabelled) == count
        assert [text.replace("text", ">") for text in one.unlabelled] == one.unlabelled_quoted


# one data set of several


def test_repeated_and_contradictory_texts() -> None:
    ours = DataSet(
        "ours",
        (
            Example("Re: A\n\nsay it", 1, ("threat",), weight=2.0, group="x"),
            Example("a\n\nSAY  it!", 1, ("pressure",), ("say it",), "y", 3.0, True),
            Example("b\n\nboth ways", 0),
            Example("b\n\nboth  ways", 1),
            Example("c\n\nplain", 0, group="y"),
        ),
    )
    base = DataSet("base", (Example("C\n\nplain", 1), Example("d\n\nmore", 1)))
    both = merge([ours], [base])
    assert both.contradictory == 2
    assert both.repeated == 1
    rows = {text: i for i, text in enumerate(both.texts)}
    assert len(rows) == 3
    first, plain, more = rows["Re: A\n\nsay it"], rows["c\n\nplain"], rows["d\n\nmore"]
    assert both.weights[first] == 5
    assert both.unsure[first]
    assert both.signals[first] == ("pressure", "threat")
    assert both.evidence[first] == ("say it",)
    # The text in threads x and y makes them one; the own label of "plain" stands.
    assert both.groups[first] == both.groups[plain] != both.groups[more]
    assert both.flags[plain] == 0
    assert both.own.tolist().count(False) == 1
    assert not both.own[more]


def test_merging_does_not_depend_on_order() -> None:
    one, other = data_set(30, 1), data_set(30, 2)
    turned = DataSet("turned", tuple(reversed(one.examples)))
    a, b = merge([one, other]), merge([other, turned])
    assert a.texts == b.texts
    assert (a.flags == b.flags).all()
    assert (a.groups == b.groups).all()
    assert (a.weights == b.weights).all()


def test_several_at_once(tmp_path: Path) -> None:
    paths = [write_jsonl(tmp_path / f"{n}.jsonl", examples(6, n)) for n in range(2)]
    assert [one.name for one in read_weighted(paths)[0]] == ["0.jsonl", "1.jsonl"]


# telling a text again


@pytest.mark.parametrize(
    "other",
    ["re: Fwd: note\n\nIs it legal?", "NOTE\r\n\r\nis  it\tlegal", "note\n\nI\u017f it legal"],
)
def test_the_same_text_has_the_same_hash(other: str) -> None:
    assert text_hash(other) == text_hash("Note\n\nIs it legal?")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("", " "),
        ("note", "notes"),
        ("?!", "!?"),
        ("a 1", "a 2"),
        ("日本", "日木"),
    ],
)
def test_other_words_have_another_hash(one: str, other: str) -> None:
    assert text_hash(one) != text_hash(other)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_known_again(text: str, other: str) -> None:
    with TemporaryDirectory() as folder:
        save_hashes([text], Path(folder))
        hashes = load_hashes(Path(folder))
    assert hashes is not None
    assert seen([text], hashes).all()
    assert seen([other], hashes).all() == (text_hash(text) == text_hash(other))


def test_hashes_of_a_model(tmp_path: Path) -> None:
    assert load_hashes(tmp_path) is None
    save_hashes([WORDS, "other", WORDS], tmp_path)
    hashes = load_hashes(tmp_path)
    assert hashes is not None
    assert len(hashes) == 3, "one of them without its subject"
    assert seen(["new", WORDS, "Other!"], hashes).tolist() == [False, True, True]
