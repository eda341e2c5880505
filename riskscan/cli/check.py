"""``riskscan check``: score one text and show why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from riskscan.cli.console import out, print_json
from riskscan.cli.harmless import line
from riskscan.paths import shipped_model


def check(
    text: Annotated[str | None, typer.Argument(help="The text; by default standard input.")] = None,
    model: Annotated[Path | None, typer.Option(help="Model folder.")] = None,
    encoder: Annotated[
        bool,
        typer.Option("--encoder/--no-encoder", help="Let the model's encoder read the text too."),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score one text and show which sentence and which words made the score."""
    from riskscan.detect.model import load_model

    if text is None:
        text = sys.stdin.read()
    if not text.strip():
        raise typer.BadParameter("There is no text to check.")
    classifier = load_model(model or shipped_model("detector"))
    if not encoder:
        classifier.attach(None)
    explanation = classifier.explain(text)
    assessment = explanation.assessment
    flagged = assessment.score >= classifier.threshold
    if as_json:
        print_json(
            {
                "score": assessment.score,
                "threshold": classifier.threshold,
                "flagged": flagged,
                "signals": list(assessment.signals),
                "findings": [
                    {
                        "text": f.text, "start": f.start, "end": f.end,
                        "signal": f.signal, "score": f.score,
                    }
                    for f in assessment.findings
                ],
                "domains": {
                    name: {"share": share, "score": score}
                    for name, (share, score) in explanation.domains.items()
                },
                "parts": explanation.parts,
                "words": dict(explanation.words),
                "encoder_read": [
                    {"text": text, "log_odds": value} for text, value in explanation.read
                ],
            }
        )  # fmt: skip
        return
    console = out()
    verdict = Text(f"{assessment.score:.3f}  ", style="bold")
    verdict.append(
        "flagged" if flagged else "not flagged", style="bold red" if flagged else "green"
    )
    verdict.append(f"  (threshold {classifier.threshold:.3f})", style="dim")
    console.print(verdict)
    for finding in assessment.findings:
        console.print(Text(f"  {finding.signal:<15} {finding.score:.2f}  {line(finding.text)}"))
    told = ", ".join(
        f"{share:.0%} {name} ({score:.3f})" for name, (share, score) in explanation.domains.items()
    )
    console.print(Text(f"\nRead as {told}", style="dim"))
    console.print(Text("\nWhat made the score (log-odds):", style="dim"))
    for name, value in explanation.parts.items():
        console.print(Text(f"  {value:+7.2f}  {name}"))
    if explanation.read:
        console.print(Text("\nWhat the encoder read, and how likely it is why:", style="dim"))
    for text, value in explanation.read:
        console.print(Text(f"  {value:+7.2f}  {line(text)}"))
    console.print(Text("\nWords that weighed most:", style="dim"))
    for name, value in explanation.words[:12]:
        console.print(Text(f"  {value:+7.2f}  {line(name)}"))
