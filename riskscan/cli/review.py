"""``riskscan review``: the page on which reviewers read and decide, on this machine alone."""

from __future__ import annotations

from typing import Annotated

import typer

from riskscan.cli.place import CaseArgument


def review(
    case: CaseArgument,
    reviewer: Annotated[
        str, typer.Option(metavar="NAME", help="Who decides; by default this machine's user.")
    ] = "",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Open the review page of a case: the worst first, decide with one key, nothing leaves.

    The page is served to this machine only, under a link that works once. Ctrl-C ends it; every
    decision that was answered with "saved" is in the case.
    """
    from riskscan.review.serve import serve

    serve(case, reviewer, port=port, browser=browser, say=typer.echo)
