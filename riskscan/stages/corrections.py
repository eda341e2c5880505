"""What a reviewer's "these are one" and "that is another" mean for the forms of a case."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from riskscan.case.merged import find_merged, forms_of
from riskscan.case.open import CaseError
from riskscan.case.people import Correction, standing_corrections
from riskscan.language.people import parse_name
from riskscan.stages.organisations import thing_key

_LISTED = 5


def form_key(label: str, text: str, *, kind: str = "named") -> str:
    """The key of a form in the joins of the case; see ``stages.merging``."""
    if kind == "address" or "@" in text:
        return f"@{text.strip().lower()}"
    if label in ("PERSON", "MAILBOX"):
        name = parse_name(bare(text))
        if name is not None:
            return f"n:{name.key}" if name.surname else f"w:{name.alone}"
    return thing_key(label, text)


def bare(text: str) -> str:
    """A name without the possessive ending and what the pipeline left around it."""
    text = " ".join(text.split()).strip(' .,;:!?()<>"“”-–*_|=')
    for ending in ("'s", "’s"):
        text = text.removesuffix(ending)
    return text


def joining(engine: Engine, one: str, other: str) -> list[Correction]:
    """The corrections that make two names or addresses one, whatever was split of them before.

    Raises CaseError when a name is of nobody, or of several.
    """
    first, second = _the_one(engine, one), _the_one(engine, other)
    if first["id"] == second["id"]:
        raise CaseError(f"'{one}' and '{other}' are one already.")
    left, right = _keys(engine, first), _keys(engine, second)
    with engine.connect() as connection:
        standing = standing_corrections(connection)
    split = [
        c
        for c in standing
        if c.action == "split" and any(
            c.one in a and c.other in b for a, b in ((left, right), (right, left))
        )
    ]  # fmt: skip
    made = [Correction("join", c.one, c.other) for c in split]
    return [*made, Correction("join", first["anchor"], second["anchor"])]


def splitting(engine: Engine, name: str, form: str) -> list[Correction]:
    """The corrections that take a form out of the one of that name.

    Raises CaseError when the name is of nobody or of several, or has no such form.
    """
    merged = _the_one(engine, name)
    key = form_key(merged["label"], form)
    wanted = " ".join(form.split()).lower()
    forms = forms_of(engine, merged["id"])
    if not any(
        f["form"].lower() == wanted or _key(merged, f) == key for f in forms
    ):  # fmt: skip
        raise CaseError(f"'{form}' is no form of '{merged['name']}': see --show.")
    others = sorted(_keys(engine, merged) - {key})
    if not others:
        raise CaseError(f"'{form}' is all that there is of '{merged['name']}'.")
    return [Correction("split", key, other) for other in others]


def _keys(engine: Engine, merged: dict[str, Any]) -> set[str]:
    """The keys of all forms that mean one wherever they stand: no first names alone."""
    keys = {_key(merged, form) for form in forms_of(engine, merged["id"])} | {merged["anchor"]}
    return {key for key in keys if not key.startswith("w:") or key == merged["anchor"]}


def _key(merged: dict[str, Any], form: dict[str, Any]) -> str:
    return form_key(merged["label"], form["form"], kind=form["kind"])


def _the_one(engine: Engine, name: str) -> dict[str, Any]:
    found = find_merged(engine, name)
    if not found:
        raise CaseError(f"Nobody and nothing in the case is named '{name}'.")
    if len(found) > 1:
        some = ", ".join(one["anchor"].lstrip("@") for one in found[:_LISTED])
        raise CaseError(f"'{name}' is the name of {len(found)}: name one by its address ({some}).")
    return found[0]
