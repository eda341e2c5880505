"""What productions with a load file have in common: what is chosen, its fields, the figures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from riskscan.case.read import Case
from riskscan.case.selection import Selection, privileged_messages
from riskscan.export.family import WITHHELD, Document, families
from riskscan.export.load_fields import Profile, default_profile, offered, read_profile
from riskscan.export.production import MANIFEST, Numbering, Production, new_folder
from riskscan.export.pseudonymise import PROMISES, Pseudonymiser
from riskscan.export.withholding import Echoes, Mode, Plan, echoes, plan, slip_sheets


@dataclass(slots=True, frozen=True)
class Draft:
    """A production under way in ``folder``: its load file's fields, and what goes into it."""

    case: Case
    folder: Path
    plan: Plan
    profile: Profile
    production: Production
    echoes: Echoes
    privileged: frozenset[int]
    pseudonyms: Pseudonymiser | None
    sheets: list[dict[str, Any]] = field(default_factory=list)

    def families(self) -> Iterator[list[Document]]:
        """The families in order, each numbered and its files written."""
        for whole in families(self.case, self.plan.ids, self.pseudonyms):
            top = whole[0].record["id"]
            family = slip_sheets(whole, self.privileged) if top in self.plan.sheets else whole
            self.production.number(family)
            self.echoes.note(top, family[0].number)
            self.sheets.extend(
                {"number": one.number, "message": top, "place": place}
                for place, one in enumerate(family)
                if one.native == WITHHELD
            )
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
    privileged: Mode | None,
    pseudonyms: Pseudonymiser | None,
) -> dict[str, Any]:
    """Produce the selected families into a new ``folder``, the load file by ``write``.

    ``privileged``: what is done with families that are; by default what ``selection.privileged``
    says. Returns the figures of production.json, with ``look_at``: sentences on documents to look
    at. Raises ProductionError and FieldsError with a sentence for the user.
    """
    numbering = numbering or Numbering()
    mode: Mode = privileged or ("include" if selection.privileged else "withhold")
    with case.connect() as connection:
        chosen = plan(connection, selection, mode)
        told_by = echoes(connection, set(chosen.ids) - chosen.sheets, chosen.held)
        called = frozenset(privileged_messages(connection)) if chosen.sheets else frozenset()
    names = offered(next(case.records_of(chosen.ids[:1]), {}))
    profile = read_profile(fields, names) if fields else default_profile(names)
    with new_folder(folder) as place, Production(place, numbering) as production:
        draft = Draft(case, place, chosen, profile, production, told_by, called, pseudonyms)
        write(draft)
        if pseudonyms is not None:
            production.write(PROMISES, pseudonyms.promises().encode())
            pseudonyms.save()
        told = production.about(
            {
                "format": form,
                "selection": _told(selection, pseudonyms),
                "privileged": mode,
                "stood_for": chosen.stood_for,
                "withheld": len(chosen.held),
                "withheld_documents": draft.sheets,
                "pseudonymised": pseudonyms is not None,
                "fields": dict(profile.columns),
            }
        )
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    return {**told, "look_at": list(told_by.sentences()), "manifest_sha256": digest}


def _told(selection: Selection, pseudonyms: Pseudonymiser | None) -> dict[str, Any]:
    """The selection as production.json tells it; how privilege was handled stands there too."""
    told = asdict(selection)
    del told["privileged"]
    if pseudonyms is not None:
        told["custodians"] = [pseudonyms.custodian(one) for one in selection.custodians]
    return told
