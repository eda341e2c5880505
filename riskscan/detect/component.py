"""The spaCy component ``riskscan``: scores each Doc and marks the sentences that made it flag.

    nlp.add_pipe("riskscan")                                 # the shipped model
    nlp.add_pipe("riskscan", config={"model": "models/mine", "threshold": 0.2})

Sets ``doc._.risk_score`` (0 to 1), ``doc._.risk_signals`` (a list, empty unless flagged) and
``doc.spans["risk"]``: the findings of a flagged Doc, best first, each labelled with its signal,
with the scores of the findings in ``attrs["scores"]``. spaCy finds it by its entry point, which
every ``spacy.load`` imports: scikit-learn is imported only when a component is made.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from riskscan.detect.errors import ModelError
from riskscan.paths import shipped_model

if TYPE_CHECKING:
    from riskscan.detect.assessment import Assessment

KEY = "risk"
_FILE = "riskscan.json"
_BATCH = 256


class RiskComponent:
    """Scores Docs with the model in the folder ``model``; None is the shipped one.

    Docs that score at least ``threshold`` (0 to 1) are flagged; None is the model's own. A saved
    pipeline remembers both, and does not load with another model. Raises ModelError for what is no
    model, ValueError for what is no threshold.
    """

    def __init__(self, model: str | None = None, threshold: float | None = None) -> None:
        from riskscan.detect.model import load_model

        self.model = model
        self.classifier = load_model(
            Path(model) if model is not None else shipped_model("detector")
        )
        if threshold is not None:
            if not 0 <= threshold <= 1:
                raise ValueError(f"The threshold {threshold} is not between 0 and 1.")
            self.classifier.set_params(threshold=threshold)

    def __call__(self, doc: Doc) -> Doc:
        """Score one Doc."""
        return self._mark(doc, self.classifier.assess([doc.text])[0])

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = _BATCH) -> Iterator[Doc]:
        """Score Docs in batches."""
        stream = iter(stream)
        while docs := list(islice(stream, batch_size)):
            answers = self.classifier.assess([doc.text for doc in docs])
            for doc, answer in zip(docs, answers, strict=True):
                yield self._mark(doc, answer)

    def _mark(self, doc: Doc, answer: Assessment) -> Doc:
        doc._.risk_score = answer.score
        doc._.risk_signals = list(answer.signals)
        found = answer.findings if answer.score >= self.classifier.threshold else ()
        # Sentences are the classifier's, and need not end where a token does.
        spans, scores = [], []
        for finding in found:
            span = doc.char_span(
                finding.start, finding.end, finding.signal, alignment_mode="expand"
            )
            if span is not None:
                spans.append(span)
                scores.append(finding.score)
        doc.spans[KEY] = SpanGroup(doc, name=KEY, spans=spans, attrs={"scores": scores})
        return doc

    # spaCy's serialization

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """What ``from_bytes`` checks: the model's folder and fingerprint, as JSON."""
        known = {"model": self.model, "fingerprint": self.classifier.fingerprint}
        return json.dumps(known).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> RiskComponent:
        """Check that this is the model of the saved pipeline. Raises ModelError when it is not."""
        try:
            saved = json.loads(data)["fingerprint"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ModelError(f"The saved riskscan component cannot be read: {error}.") from error
        if saved != self.classifier.fingerprint:
            named = f"in '{self.model}'" if self.model is not None else "that riskscan brings"
            raise ModelError(
                f"The pipeline was saved with another model than the one {named} "
                f"(fingerprint {str(saved)[:12]}, here {self.classifier.fingerprint[:12]})."
            )
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write ``to_bytes`` into the folder ``path``."""
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / _FILE).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> RiskComponent:
        """Check what ``to_disk`` wrote. Raises ModelError."""
        try:
            data = (Path(path) / _FILE).read_bytes()
        except OSError as error:
            raise ModelError(f"The saved riskscan component cannot be read: {error}.") from error
        return self.from_bytes(data)


@Language.factory(
    "riskscan",
    default_config={"model": None, "threshold": None},
    assigns=["doc.spans", "doc._.risk_score", "doc._.risk_signals"],
)
def make_component(
    nlp: Language, name: str, model: str | None, threshold: float | None
) -> RiskComponent:
    """Build the component, for spaCy; see RiskComponent for the parameters and errors."""
    for extension, default in (("risk_score", None), ("risk_signals", [])):
        if not Doc.has_extension(extension):
            Doc.set_extension(extension, default=default)
    return RiskComponent(model, threshold)
