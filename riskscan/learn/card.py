"""The model card: README.md of a model folder, Markdown, for whoever is to trust the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskscan.detect.encoder import TAUGHT
from riskscan.learn.seen import FILE

FIGURES = {
    "average_precision": "average precision",
    "roc_auc": "area under the ROC curve",
    "recall_at_1%": "recall, top 1% read",
    "recall_at_2%": "recall, top 2% read",
    "recall_at_5%": "recall, top 5% read",
    "recall_at_10%": "recall, top 10% read",
    "precision_at_threshold": "precision at the threshold",
    "recall_at_threshold": "recall at the threshold",
    "f1_at_threshold": "F1 at the threshold",
    "share_flagged_at_threshold": "share of messages flagged",
    "calibration_error": "expected calibration error",
    "rate": "share of messages that should be flagged",
}


def told(figure: Mapping[str, float | None]) -> tuple[str, str]:
    """A figure and its interval as words: ("0.312", "0.25 to 0.37")."""
    value, low, high = (figure[key] for key in ("value", "low", "high"))
    if value is None:
        return "none", ""
    digits = 4 if value < 0.02 else 3
    between = "" if low is None or high is None else f"{low:.{digits}f} to {high:.{digits}f}"
    return f"{value:.{digits}f}", between


def write_card(description: Mapping[str, Any], plots: Mapping[str, str], notes: str = "") -> str:
    """The card of a model from what model.json says of it; ``notes`` is Markdown of the trainer."""
    figures = description["metrics"]
    counts, threshold = description["examples"], description["thresholds"]
    beside = elsewhere = changed = ""
    part, parts = "thread", "threads"
    if description["grouped_by"] == "custodian":
        part, parts = "mailbox", "mailboxes"
    chosen = "Precision and recall at the threshold are at one chosen without the fold measured."
    if threshold["chosen_for"] == "given":
        chosen = "The threshold was given, not chosen on these data."
    if description["encoder"]:
        elsewhere = f" (`{TAUGHT}` those that the encoder was taught)"
    if counts["unlabelled"]:
        beside = f", and {counts['unlabelled']:,} unlabelled ones as such that nobody would flag"
    if counts["named"]:
        changed = f" Which signal it is was learnt from {counts['named']:,} more, and no flag: near"
        changed += " misses, and altered copies of messages."
    if counts["altered"] and description["encoder"]:
        changed += f" The encoder was taught {counts['altered']:,} altered copies of messages."
    lines = [
        f"# Model `{_cell(description['name'])}`",
        "",
        "A riskscan detector: it scores a message by how likely a reviewer would flag it as voicing"
        " legal concern, and shows the sentences that say so. It ranks; it does not decide.",
        "",
        "    riskscan scan EXPORT --case CASE --model THIS-FOLDER",
        "    riskscan score CASE --model THIS-FOLDER",
        "",
        f"A message is flagged from a score of {threshold['message']:.4g} on (chosen for:"
        f" {threshold['chosen_for']}). Made with riskscan {description['versions']['riskscan']},"
        f" seed {description['seed']}; model.json has all versions and fingerprints.",
        "",
        *_of_encoder(description),
        *([notes.strip(), ""] if notes.strip() else []),
        "## Trained on",
        "",
        "| data | messages | flagged | unsure | SHA-256 of the content |",
        "| --- | ---: | ---: | ---: | --- |",
        *(_row(one, "") for one in description["data"]),
        *(_row(one, " (base)") for one in description["base"]),
        "",
        f"Learnt from {counts['trained_on']:,} messages, {counts['flagged']:,} of them flagged"
        f"{beside}.{changed}"
        f" Folded together: {counts['repeated']:,} repeated texts. Left out:"
        f" {counts['contradictory']:,} labelled both ways, {counts['unsure']:,} unsure.",
        "",
        f"No text is in this folder. `{FILE}` holds 6-byte hashes, so that `riskscan evaluate` can"
        f" tell the training texts again{elsewhere}; who has a text can find out with them whether"
        " the text was among them. The weights of the model stand for words and word sequences of"
        " the texts.",
        "Who hands the model on should ask whether the rights in these data, and their"
        " confidentiality, allow it.",
        "",
        "## How good it is",
        "",
        f"Measured on {figures['messages']:,} messages ({figures['flagged']:,} flagged), each"
        f" scored by a model that had not seen its {part} ({description['folds']} folds), at"
        f" the rate that the weights of the data say. {chosen} Intervals are 95%, from a bootstrap"
        f" over {parts} (of evidence and signals Wilson's). They hold for mail like these data and"
        " for the judgement of those who labelled them, no further.",
        "",
        *_table(figures["overall"]),
    ]
    if "with_unsure" in figures:
        lines += [
            f"With the {figures['unsure']:,} unsure messages in:",
            "",
            *_table(figures["with_unsure"]),
        ]
    if figures["by_signal"]:
        lines += [
            "By signal, against all messages that are not flagged:",
            "",
            "| signal | flagged | recall at the threshold | average precision | top 5% read |",
            "| --- | ---: | --- | --- | --- |",
        ]
        for signal, part in figures["by_signal"].items():
            some = ("recall_at_threshold", "average_precision", "recall_at_5%")
            cells = " | ".join(_both(part[name]) for name in some)
            lines.append(f"| {signal} | {part['flagged']:,} | {cells} |")
        lines.append("")
    evidence = figures["evidence"]
    lines += [
        "Of the flagged messages that it finds, the top finding overlaps the marked evidence in"
        f" {_both(evidence['top_finding_overlaps'])} and has a marked signal in"
        f" {_both(evidence['signal_right'])}.",
        "",
        *(f"![{title}]({name})" for title, name in plots.items()),
        "",
        "## Look out",
        "",
        "- Few flagged messages make wide intervals: read the interval, not the figure.",
        "- A score means a share of messages like the training data. Where flagged messages are"
        " rarer or commoner, the ranking holds but the score is off.",
        "- Text that it was not trained on (other trades, other languages, chat) may score wrongly"
        " and with confidence. Read a random sample of what was not flagged.",
    ]
    return "\n".join(lines) + "\n"


def _of_encoder(description: Mapping[str, Any]) -> list[str]:
    if not description["encoder"]:
        return []
    told = "scans, `assess` and the figures below are with the encoder."
    if not description["figures_with_encoder"]:
        told = (
            "scans and `assess` are with the encoder. **The figures below are of the first score**:"
            " this encoder is that of an earlier model, and was taught the messages of these data."
        )
    return [
        "What scores high in the linear models is read by the encoder too (`encoder.npz`, SHA-256"
        f" `{description['encoder'][:16]}…` with its vocabulary): a small transformer that sees"
        " words in their order. `predict_proba` gives the first score, for thousands of messages a"
        f" second; {told} The one that riskscan"
        " brings was taught what riskscan's own card names (`models/detector`), from MiniLM, under"
        " the Apache License 2.0.",
        "",
    ]


def _row(one: Mapping[str, Any], mark: str) -> str:
    return (
        f"| {_cell(one['name'])}{mark} | {one['messages']:,} | {one['flagged']:,}"
        f" | {one['unsure']:,} | `{one['fingerprint'][:16]}…` |"
    )


def _table(figures: Mapping[str, Mapping[str, float | None]]) -> list[str]:
    rows = [(what, *told(figures[name])) for name, what in FIGURES.items()]
    return [
        "| figure | value | 95% interval |",
        "| --- | ---: | --- |",
        *(f"| {what} | {value} | {between} |" for what, value, between in rows),
        "",
    ]


def _both(figure: Mapping[str, float | None]) -> str:
    value, between = told(figure)
    return f"{value} ({between})" if between else value


def _cell(text: str) -> str:
    """A file's name can hold what Markdown would obey."""
    return "".join(c if c.isalnum() or c in " ._-" else "_" for c in text)
