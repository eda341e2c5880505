"""Writes tests/data/exports: small exports of the formats that corpus_samples has none of.

    python tests/data/build.py

A Purview export, an EDRM XML volume, tables of mail, a page of a Teams chat and Google Chat, as
those programs lay them out. The firm, its people and what they write are invented.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
from email.message import EmailMessage
from pathlib import Path

EXPORTS = Path(__file__).parent / "exports"
PEOPLE = {
    "runa": "Runa Eklund", "piet": "Piet Ostrander", "salma": "Salma Idrissi",
    "colm": "Colm Farrelly",
}  # fmt: skip
COLUMNS = (
    "Row_number,File_ID,File_class,Family_ID,Native_MD5,Native_SHA_256,Location_name,Item_class,"
    "Email_subject,Email_message_ID,Email_conversation_ID,Native_size,Export_native_path"
)
# who, to whom, day and time (UTC), subject, text
POSTS = [
    ("runa", "piet", "2023-05-02T07:12:00Z", "Ballast log",
     "Piet, the ballast log for the Kestrel has two pages missing. Where are they?"),
    ("piet", "runa", "2023-05-02T07:40:00Z", "Re: Ballast log",
     "I took them out before the port inspection. We pumped inside the limit and nobody should be "
     "able to see that. Please do not put this in writing again."),
    ("runa", "salma", "2023-05-02T09:05:00Z", "Question about discharge records",
     "Salma, I think removing pages from a discharge record is against the law, and I do not feel "
     "right about signing it. Can we talk?"),
    ("salma", "runa", "2023-05-02T09:30:00Z", "Re: Question about discharge records",
     "Thank you for raising it. Sign nothing, keep every copy, and call me at noon."),
    ("colm", "runa", "2023-05-03T06:55:00Z", "Crew rota for June",
     "The rota for June is on the board. Swap days among yourselves before Friday."),
    ("runa", "colm", "2023-05-03T08:15:00Z", "Re: Crew rota for June",
     "I can take the Sunday crossing if somebody has my Tuesday."),
]  # fmt: skip


def address(who: str) -> str:
    return f"{PEOPLE[who]} <{who}@gullferry.example>"


def mail(number: int) -> bytes:
    """One of the posts as a message."""
    who, to, at, subject, text = POSTS[number]
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = address(who), address(to), subject
    message["Date"] = f"{at[8:10]} May 2023 {at[11:19]} +0000"
    message["Message-ID"] = f"<{number}.kestrel@gullferry.example>"
    message.set_content(text + "\n")
    return message.as_bytes().replace(b"\n", b"\r\n")


def purview() -> dict[str, bytes]:
    """Natives by mailbox and folder, and the load file that speaks of each."""
    rows = io.StringIO()
    table = csv.writer(rows)
    table.writerow(COLUMNS.split(","))
    files = {}
    for number, (who, _, _, subject, _) in enumerate(POSTS):
        path = f"NativeFiles/{who}@gullferry.example/Sent Items/{number}.eml"
        files[path] = data = mail(number)
        table.writerow([
            number, f"F{number}", "Email", number, hashlib.md5(data).hexdigest(),
            hashlib.sha256(data).hexdigest().upper(), f"{who}@gullferry.example", "IPM.Note",
            subject, f"<{number}.kestrel@gullferry.example>", "AAQ=", len(data),
            path.replace("/", "\\"),
        ])  # fmt: skip
    return {**files, "Export_load_file.csv": rows.getvalue().encode("utf-8-sig")}


def edrm() -> dict[str, bytes]:
    """Two natives and a document that is nothing but tags and text, of one custodian."""
    documents, files = [], {}
    for number in (0, 1):
        data = mail(number)
        files[f"NATIVES/{number}.eml"] = data
        documents.append(
            f'<Document DocID="K{number}" DocType="Message"><Files><File FileType="Native">'
            f'<ExternalFile FilePath="NATIVES" FileName="{number}.eml" FileSize="{len(data)}" '
            f'Hash="{hashlib.md5(data).hexdigest()}"/></File></Files>'
            "<Locations><Location><Custodian>Runa Eklund</Custodian></Location></Locations>"
            "</Document>"
        )
    who, to, at, subject, text = POSTS[2]
    tags = {"#From": address(who), "#To": address(to), "#DateSent": at, "#Subject": subject}
    told = "".join(f'<Tag TagName="{k}" TagValue="{html.escape(v)}"/>' for k, v in tags.items())
    documents.append(
        f'<Document DocID="K2" DocType="Message"><Tags>{told}</Tags><Files><File FileType="Text">'
        f"<InlineContent>{html.escape(text)}</InlineContent></File></Files></Document>"
    )
    body = f"<Batch><Documents>{''.join(documents)}</Documents></Batch>"
    top = '<?xml version="1.0" encoding="UTF-8"?>\n<Root MajorVersion="1" MinorVersion="2">'
    return {**files, "kestrel.xml": f"{top}{body}</Root>\n".encode()}


def tables() -> dict[str, bytes]:
    """A csv with the usual names of columns, and a jsonl that needs a mapping."""
    rows = io.StringIO()
    table = csv.writer(rows)
    table.writerow(["From", "To", "Date", "Subject", "Body"])
    lines = []
    for who, to, at, subject, text in POSTS:
        table.writerow([address(who), address(to), at, subject, text])
        lines.append(json.dumps({
            "wer": address(who), "wem": address(to), "wann": at, "worum": subject, "was": text,
        }))  # fmt: skip
    mapping = 'from = "wer"\nto = "wem"\ndate = "wann"\nsubject = "worum"\ntext = "was"\n'
    return {
        "mail.csv": rows.getvalue().encode(),
        "mail.jsonl": ("\n".join(lines) + "\n").encode(),
        "columns.toml": mapping.encode(),
    }


def teams() -> dict[str, bytes]:
    """A chat as a page."""
    posts = "\n".join(
        f'<div class="message"><div class="message-timestamp">{at}</div>'
        f'<div class="message-sender">{PEOPLE[who]}</div>'
        f'<div class="message-body"><p>{html.escape(text)}</p></div></div>'
        for who, _, at, _, text in POSTS
    )
    head = "<meta charset='utf-8'><meta name='generator' content='Microsoft Teams'>"
    page = f"<!DOCTYPE html><html><head>{head}</head><body>\n{posts}\n</body></html>\n"
    return {"Kestrel crew.html": page.encode()}


def google_chat() -> dict[str, bytes]:
    """A space of Google Chat, as Takeout has it."""
    room = "Takeout/Google Chat/Groups/Space KESTREL"
    made = [
        {
            "creator": {
                "name": PEOPLE[who], "email": f"{who}@gullferry.example", "user_type": "Human",
            },
            "created_date": f"Tuesday, May {int(at[8:10])}, 2023 at {int(at[11:13])}:{at[14:19]}"
            "\u202fAM UTC",
            "text": text,
            "topic_id": f"m{number}",
            "message_id": f"KESTREL/m{number}/m{number}",
        }
        for number, (who, _, at, _, text) in enumerate(POSTS)
    ]  # fmt: skip
    members = [{"name": n, "email": f"{w}@gullferry.example"} for w, n in PEOPLE.items()]
    return {
        f"{room}/messages.json": json.dumps({"messages": made}, indent=2).encode(),
        f"{room}/group_info.json": json.dumps({"name": "Kestrel", "members": members}).encode(),
    }


def main() -> None:
    made = {
        "purview": purview(), "edrm": edrm(), "tables": tables(), "teams": teams(),
        "google": google_chat(),
    }  # fmt: skip
    for export, files in made.items():
        for name, data in files.items():
            path = EXPORTS / export / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


if __name__ == "__main__":
    main()
