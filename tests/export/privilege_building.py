"""A case in which counsel writes, with privileged messages alone, attached, quoted and copied."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from production_building import reread
from scan_building import attached, embedded, mail, multipart, text_part, write_mbox

from riskscan.case.decisions import Decision, Decisions
from riskscan.case.read import Case
from riskscan.case.store import open_case
from riskscan.stages.groups import group
from riskscan.stages.merging import merge
from riskscan.stages.progress import Silent

SECRET = "Our exposure under the Tidewater clause is eleven million, so settle before the hearing."
SAME_FILE = "Annex with the table of berths."
COUNSEL = '"Ada Roe, Esq." <ada@roe-law.example>'

BOX = [
    mail(1, "Lunch at noon?", subject="lunch"),
    # Alone, from counsel, with a formula for a subject.
    multipart(
        2, [text_part(SECRET), attached("tidewater-exposure.txt", SECRET),
            attached("annex.txt", SAME_FILE)],
        subject="=HYPERLINK(1)", sender=COUNSEL, headers="Cc: Lee Moss <lee@quayside.example>",
    ),
    # Harmless itself, and holds one that is privileged.
    multipart(
        3, [text_part("see below"), embedded(
            mail(4, f"{SECRET} Second letter.", subject="inner advice", to=COUNSEL)
        )], subject="outer",
    ),
    # Has one inside that stands alone as well.
    multipart(5, [text_part("fyi"), embedded(mail(6, f"Third: {SECRET}", subject="third"))],
              subject="forward of third"),
    mail(6, f"Third: {SECRET}", subject="third"),
    # Quotes the privileged one, and nobody has decided on it.
    mail(7, f"I see.\n\n-----Original Message-----\nFrom: Ada Roe\nTo: Ben Tarn\n\n{SECRET}\n",
         subject="Re: =HYPERLINK(1)", headers="In-Reply-To: <2@quayside.example>"),
    # Has one of its files, and hints at privilege.
    multipart(8, [text_part("the annex"), attached("annex.txt", SAME_FILE)], subject="annex"),
    mail(9, "Please advise on the lease.", subject="lease", to=COUNSEL),
]  # fmt: skip
NOTES = {"=HYPERLINK(1)": "A/C", "inner advice": "work product", "third": ""}


def make_case(folder: Path, notes: Mapping[str, str] = NOTES) -> Path:
    """The case, merged and grouped; messages of these subjects are privileged, with a note."""
    write_mbox(folder / "in/ada.mbox", BOX)
    case = reread(folder / "in", folder / "case")
    with open_case(case) as store:
        merge(store, Silent())
        group(store, Silent())
    with Case(case) as opened, closing(Decisions(case)) as decisions:
        for record in opened.records():
            if record["subject"] in notes:
                one = Decision(record["id"], "not", privileged=True, note=notes[record["subject"]])
                decisions.decide("Kim", [one])
    return case


def all_text(folder: Path) -> str:
    """Everything that is in the files of a folder, also what natives hold encoded."""
    import email
    import email.policy

    told = []
    for file in sorted(f for f in folder.rglob("*") if f.is_file()):
        data = file.read_bytes()
        told.append(data.decode("utf-8", "replace"))
        if file.suffix == ".eml":
            for part in email.message_from_bytes(data, policy=email.policy.default).walk():
                if part.get_content_maintype() == "text":
                    told.append(str(part.get_content()))
    return "\n".join(told)
