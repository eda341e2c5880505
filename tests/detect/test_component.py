"""The spaCy component: found by its name, the same as the classifier, saved and loaded."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import spacy
from labelled_building import CONCERN, examples, fitted, one_thread
from spacy.tokens import Doc, DocBin

from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.component import RiskComponent
from riskscan.detect.errors import ModelError
from riskscan.detect.model import save_model

BAD = CONCERN["concealment"][0]
TEXTS = [e.text for e in examples(30, seed=5)]


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "mine"
    with one_thread():
        save_model(fitted(), folder, {})
    return folder


@pytest.fixture
def nlp(model: Path) -> Any:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("riskscan", config={"model": str(model)})
    return pipeline


def _told(doc: Doc) -> tuple[Any, ...]:
    spans = [(s.start_char, s.end_char, s.label_) for s in doc.spans["risk"]]
    return doc._.risk_score, list(doc._.risk_signals), spans


def test_a_threshold_of_its_own_stays_with_the_pipeline(model: Path, tmp_path: Path) -> None:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("riskscan", config={"model": str(model), "threshold": 0.0})
    other = spacy.blank("en")
    other.add_pipe("riskscan", config={"model": str(model)})
    assert not other(TEXTS[1])._.risk_signals
    pipeline.to_disk(tmp_path / "saved")
    for one in (pipeline, spacy.load(tmp_path / "saved")):
        doc = one(TEXTS[1])
        assert doc._.risk_signals
        assert doc._.risk_score == other(TEXTS[1])._.risk_score


def test_what_is_no_threshold(model: Path) -> None:
    with pytest.raises(ValueError, match=r"The threshold 2\.0 is not between 0 and 1"):
        spacy.blank("en").add_pipe("riskscan", config={"model": str(model), "threshold": 2.0})


def test_it_marks_what_the_classifier_finds(nlp: Any) -> None:
    flagged = 0
    for text, answer in zip(TEXTS, fitted().assess(TEXTS), strict=True):
        doc = nlp(text)
        assert doc._.risk_score == pytest.approx(answer.score)
        assert doc._.risk_signals == list(answer.signals)
        if not answer.signals:
            assert len(doc.spans["risk"]) == 0
            continue
        flagged += 1
        assert [s.label_ for s in doc.spans["risk"]] == [f.signal for f in answer.findings]
        assert answer.findings[0].text.strip() in doc.spans["risk"][0].text
        assert doc.spans["risk"].attrs["scores"] == pytest.approx(
            [f.score for f in answer.findings]
        )
    assert flagged


def test_pipe_is_the_same_in_batches(nlp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one_by_one = [_told(nlp(text)) for text in TEXTS]
    sizes: list[int] = []
    assess = RiskClassifier.assess

    def spy(self: RiskClassifier, X: list[str]) -> Any:
        sizes.append(len(X))
        return assess(self, X)

    monkeypatch.setattr(RiskClassifier, "assess", spy)
    docs = list(nlp.pipe(iter(TEXTS), batch_size=8))
    assert sizes == [8, 8, 8, 6]
    for doc, told in zip(docs, one_by_one, strict=True):
        assert _told(doc)[1:] == told[1:]
        assert doc._.risk_score == pytest.approx(told[0])
    assert list(nlp.pipe([])) == []


def test_as_tuples_and_odd_texts(nlp: Any) -> None:
    ((doc, number),) = nlp.pipe([(BAD, 7)], as_tuples=True)
    assert (number, doc.text) == (7, BAD)
    for text in ("", " ", "\n\n", "¿", "a" * 3000):
        assert 0 <= nlp(text)._.risk_score <= 1


def test_sentences_that_end_inside_a_token(nlp: Any) -> None:
    """Tokens are spaCy's; the span grows to whole ones."""
    text = f"see:x.{BAD}and.more"
    doc = nlp(text)
    for span in doc.spans["risk"]:
        assert text[span.start_char : span.end_char] == span.text


def test_the_shipped_model_is_the_default() -> None:
    pipeline = spacy.blank("en")
    component = pipeline.add_pipe("riskscan")
    assert isinstance(component, RiskComponent)
    assert component.model is None
    assert 0 <= pipeline("Please review the attached schedule.")._.risk_score <= 1
    assert pipeline.get_pipe_config("riskscan")["model"] is None
    assert "doc._.risk_score" in pipeline.get_pipe_meta("riskscan").assigns


def test_the_entry_point_is_enough(model: Path) -> None:
    """Nobody imports riskscan."""
    program = (
        "import sys, spacy; n = spacy.blank('en'); n.add_pipe('riskscan', config={'model': "
        "sys.argv[1]}); print(n(sys.argv[2])._.risk_score > 0.5)"
    )
    command = [sys.executable, "-c", program, str(model), BAD]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "True"


def test_to_disk_and_back(nlp: Any, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "saved")
    back = spacy.load(tmp_path / "saved")
    assert _told(back(BAD)) == _told(nlp(BAD))
    again = spacy.blank("en")
    again.add_pipe("riskscan", config={"model": nlp.get_pipe("riskscan").model})
    assert _told(again.from_bytes(nlp.to_bytes())(BAD)) == _told(nlp(BAD))


def test_another_model_in_its_place_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    save_model(fitted(), folder, {})
    pipeline = spacy.blank("en")
    pipeline.add_pipe("riskscan", config={"model": str(folder)})
    pipeline.to_disk(tmp_path / "saved")
    some = examples(30, seed=7)
    other = RiskClassifier(folds=2).fit([e.text for e in some], [e.flag for e in some])
    save_model(other, folder, {})
    with pytest.raises(ModelError, match="was saved with another model"):
        spacy.load(tmp_path / "saved")
    (tmp_path / "saved" / "riskscan" / "riskscan.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot be read"):
        spacy.load(tmp_path / "saved")


def test_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no riskscan model"):
        spacy.blank("en").add_pipe("riskscan", config={"model": str(tmp_path)})


def test_docs_keep_it(nlp: Any) -> None:
    bag = DocBin(docs=[nlp(BAD)], store_user_data=True)
    (doc,) = DocBin().from_bytes(bag.to_bytes()).get_docs(nlp.vocab)
    assert _told(doc) == _told(nlp(BAD))
    assert doc.spans["risk"]
