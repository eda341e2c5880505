"""riskscan from Python: scan and Case give pandas frames."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from pandas.api import types
from scan_building import PLAIN, WORRY, capitals, mail, multipart, text_part, write_mbox

import riskscan

MESSAGES = [
    "id", "message_id", "mih", "custodians", "source", "place", "folder", "date", "sender",
    "sender_name", "recipients", "subject", "state", "score", "flagged", "signals", "thread_id",
    "parent_id", "duplicates", "near_group", "near_similarity", "inclusive", "included_in",
    "authored", "body", "defects",
]  # fmt: skip
FINDINGS = [
    "id", "message_id", "segment", "attachment", "start", "end", "text", "signal", "score",
    "flagged",
]  # fmt: skip
ENTITIES = ["id", "message_id", "segment", "start", "end", "text", "label", "flagged"]


@pytest.fixture(autouse=True)
def quick_entities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskscan.stages.entities._pipeline", lambda folder: None)
    monkeypatch.setattr("riskscan.language.pipeline.entities", capitals)


def check_messages(frame: pd.DataFrame) -> None:
    assert list(frame.columns) == MESSAGES
    assert isinstance(frame["date"].dtype, pd.DatetimeTZDtype)
    assert str(frame["date"].dt.tz) == "UTC"
    assert types.is_float_dtype(frame["score"])
    assert str(frame["flagged"].dtype) == "boolean"
    assert str(frame["parent_id"].dtype) == "Int64"
    assert types.is_integer_dtype(frame["id"])
    assert types.is_integer_dtype(frame["duplicates"])


def test_scan_gives_messages_worst_first(tmp_path: Path) -> None:
    box = write_mbox(
        tmp_path / "ada.mbox",
        [mail(1), mail(2, WORRY, to="Ben <ben@quayside.example>, cy@quayside.example"), mail(1)],
    )
    frame = riskscan.scan(box, tmp_path / "case")
    check_messages(frame)
    assert len(frame) == 2
    best = frame.iloc[0]
    assert best["message_id"] == "<2@quayside.example>"
    assert best["flagged"]
    assert best["recipients"] == ["ben@quayside.example", "cy@quayside.example"]
    assert best["custodians"] == ["ada"]
    assert best["date"] == pd.Timestamp("2024-03-05T08:02:00Z")
    assert frame.iloc[1]["duplicates"] == 1
    assert frame.attrs["summary"]["found"] == 3


def test_findings_and_entities(tmp_path: Path) -> None:
    box = write_mbox(tmp_path / "ada.mbox", [mail(1, "Nora met Ben."), mail(2, WORRY)])
    riskscan.scan([str(box)], str(tmp_path / "case"))
    with riskscan.Case(str(tmp_path / "case")) as case:
        findings, entities, messages = case.findings(), case.entities(), case.messages()
    assert list(findings.columns) == FINDINGS
    assert list(entities.columns) == ENTITIES
    assert findings["score"].is_monotonic_decreasing
    bodies = messages.set_index("id")["body"]
    for frame in (findings, entities):
        assert str(frame["flagged"].dtype) == "boolean"
        assert types.is_integer_dtype(frame["start"])
        inside = frame[frame["segment"] == "authored"]
        assert len(inside)
        for row in inside.itertuples():
            assert bodies[row.id][row.start : row.end] == row.text
    assert str(findings["attachment"].dtype) == "Int64"
    assert {"Nora", "Ben"} <= set(entities["text"])


@pytest.mark.parametrize(("which", "read"), [("all", 3), ("flagged", 1), ("none", 0)])
def test_in_which_messages_entities_are_looked_for(tmp_path: Path, which: str, read: int) -> None:
    box = write_mbox(tmp_path / "ada.mbox", [mail(1), mail(2, WORRY), mail(3, f"{PLAIN} Hm.")])
    riskscan.scan(box, tmp_path / "case", entities=which)  # type: ignore[arg-type]
    with riskscan.Case(tmp_path / "case") as case:
        assert case.entities()["id"].nunique() == read
    riskscan.scan(box, tmp_path / "case", entities="all")
    with riskscan.Case(tmp_path / "case") as case:
        assert case.entities()["id"].nunique() == 3


def test_flagged_messages_get_their_entities_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskscan.stages.entities._BATCH_MESSAGES", 1)
    box = write_mbox(tmp_path / "a.mbox", [mail(i, WORRY if i == 5 else "Hm.") for i in range(8)])
    riskscan.scan(box, tmp_path / "case")
    with riskscan.Case(tmp_path / "case") as case:
        assert case.entities()["message_id"].iloc[0] == "<5@quayside.example>"


def test_another_pipeline_looks_through_all_messages_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = write_mbox(tmp_path / "a.mbox", [mail(1, "Nora met Ben.")])
    for version in ("one", "two"):
        (tmp_path / "model").mkdir(exist_ok=True)
        (tmp_path / "model" / "meta.json").write_text(version)
        monkeypatch.setattr("riskscan.stages.entities.shipped_model", lambda _: tmp_path / "model")
        riskscan.scan(box, tmp_path / "case")
    monkeypatch.setattr("riskscan.language.pipeline.entities", None)
    riskscan.scan(box, tmp_path / "case")  # nothing is pending: nothing is called
    with riskscan.Case(tmp_path / "case") as case:
        assert [m["kind"] for m in case.models()] == ["detector", "entities", "entities"]
        assert sorted(case.entities()["text"]) == ["Ben", "Nora"]


def test_of_an_endless_message_the_beginning_is_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskscan.stages.entities.MOST_CHARACTERS", 100)
    box = write_mbox(tmp_path / "a.mbox", [mail(1, "Nora met Ben.\n" * 100)])
    riskscan.scan(box, tmp_path / "case")
    with riskscan.Case(tmp_path / "case") as case:
        assert 10 < len(case.entities()) < 18


def test_frames_of_an_empty_case(tmp_path: Path) -> None:
    (tmp_path / "empty.mbox").touch()
    check_messages(riskscan.scan(tmp_path / "empty.mbox", tmp_path / "case"))
    with riskscan.Case(tmp_path / "case") as case:
        assert list(case.findings().columns) == FINDINGS
        assert types.is_float_dtype(case.findings()["score"])
        assert list(case.entities().columns) == ENTITIES


def test_unscored_and_undated_messages(tmp_path: Path) -> None:
    data = multipart(1, [text_part("Hm.")]).replace(b"Date: Tue, 05 Mar 2024 08:01", b"Date: soon")
    (tmp_path / "a.eml").write_bytes(data)
    frame = riskscan.scan(tmp_path / "a.eml", tmp_path / "case")
    check_messages(frame)
    assert pd.isna(frame["date"].iloc[0])


def test_rescoring_with_another_model(tmp_path: Path) -> None:
    from riskscan.detect.model import load_model, save_model
    from riskscan.paths import shipped_model
    from riskscan.scanning import rescore

    box = write_mbox(tmp_path / "a.mbox", [mail(1), mail(2, WORRY)])
    riskscan.scan(box, tmp_path / "case")
    strict = load_model(shipped_model("detector"))
    strict.threshold = 1.0
    save_model(strict, tmp_path / "strict", {})
    counts = rescore(tmp_path / "case", tmp_path / "strict")
    assert (counts["scored"], counts["flagged"]) == (2, 0)
    with riskscan.Case(tmp_path / "case") as case:
        assert len(case.models()) == 3
        assert case.findings().groupby("id").size().max() <= 2


def test_importing_riskscan_is_light() -> None:
    """A worker that parses mail need not load the classifier, pandas or plots."""
    heavy = {"sklearn", "pandas", "spacy", "matplotlib", "pyarrow", "openpyxl"}
    for name in ("riskscan", "riskscan.cli", "riskscan.cli.__main__"):
        code = f"import sys, {name}; print(*sys.modules)"
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert not heavy & set(ran.stdout.split()), name
