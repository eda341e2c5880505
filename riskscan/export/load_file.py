"""What productions with a load file have in common: what is chosen, its fields, the figures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from riskscan.case.read import Case
from riskscan.case.selection import Selection, chosen
from riskscan.export.family import Document, families
from riskscan.export.load_fields import Profile, default_profile, offered, read_profile
from riskscan.export.production import MANIFEST, Numbering, Production, new_folder


@dataclass(slots=True, frozen=True)
class Draft:
    """A production under way in ``folder``: its load file's fields, and what goes into it."""

    case: Case
    folder: Path
    ids: list[int]
    profile: Profile
    production: Production

    def families(self) -> Iterator[list[Document]]:
        """The families in order, each numbered and its files written."""
        for family in families(self.case, self.ids):
            self.production.number(family)
            yield family


def produce(
    case: Case,
    folder: Path,
    selection: Selection,
    form: str,
    write: Callable[[Draft], None],
    *,
    numbering: Numbering | None,
    fields: Path | None,
) -> dict[str, object]:
    """Produce the selected families into a new ``folder``, the load file by ``write``.

    Returns the figures of production.json. Raises ProductionError and FieldsError with a sentence
    for the user.
    """
    numbering = numbering or Numbering()
    with case.connect() as connection:
        ids, held = chosen(connection, selection)
    names = offered(next(case.records_of(ids[:1]), {}))
    profile = read_profile(fields, names) if fields else default_profile(names)
    with new_folder(folder) as draft, Production(draft, numbering) as production:
        write(Draft(case, draft, ids, profile, production))
        told = production.about(
            {
                "format": form,
                "selection": asdict(selection),
                "withheld": held,
                "fields": dict(profile.columns),
            }
        )
    return {**told, "manifest_sha256": hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()}
