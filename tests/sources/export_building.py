"""Builders for exports of Google and Microsoft 365 with their own lists beside the mail."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from source_building import mail, put, zipped

from riskscan.sources import Claim, Event, NotRead


def told(events: Iterable[Event]) -> list[tuple[str, str, str]]:
    return [(e.kind, e.about, e.expected) for e in events if isinstance(e, Claim)]


def papers(events: Iterable[Event]) -> list[NotRead]:
    return [e for e in events if isinstance(e, NotRead)]


def gmail_mbox(messages: Iterable[tuple[int, str, bytes]], eol: bytes = b"\r\n") -> bytes:
    """An mbox as Takeout writes it, of (thread, labels as in the header, message)."""
    out = []
    for number, (thread, names, message) in enumerate(messages):
        head = f"From {thread + number}@xxx Mon Nov 14 22:13:{number:02} +0000 2022\n"
        head += f"X-GM-THRID: {thread}\nX-Gmail-Labels: {names}\n"
        out.append((head.encode() + message + b"\n").replace(b"\n", eol))
    return b"".join(out)


ADA, BO = "ada-mary@ferry.example", "bo@ferry.example"


def metadata_csv(rows: Iterable[tuple[str, str]]) -> bytes:
    lines = ["Rfc822MessageId,GmailMessageId,Account,From,To,CC,BCC,Subject,Labels,DateSent"]
    lines += [
        f'{message},{number},{account},x,y,,,"A subject,\nin two lines","^INBOX,Work",2024'
        for number, (message, account) in enumerate(rows)
    ]
    return "\r\n".join([*lines, ""]).encode()


def metadata_xml(count: int, inside: str = "") -> bytes:
    documents = "".join(
        f'<Document DocID="{n}"><Tags><Tag TagName="#From" TagValue="x" TagDataType="Text"/>'
        f'<Tag TagName="Labels" TagValue="^INBOX"/></Tags></Document>'
        for n in range(count)
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><Root DataInterchangeType='Update'><Batch>"
        f"<Documents>{documents}{inside}</Documents></Batch></Root>"
    ).encode()


COUNTS = (
    "Account,AccountStatus,SuccessCount,MessageErrorCount\r\n"
    f"Total,,3,0\r\n{ADA},Success,2,0\r\n{BO},Success,1,0\r\n"
).encode()


def vault(folder: Path, name: str = "quay-7") -> dict[str, bytes]:
    """A Vault export of two accounts and three messages, written into ``folder``."""
    part = zipped(
        {
            f"{name}-{ADA}-Xk29ab.mbox": gmail_mbox(
                [(5, "Inbox", mail("one")), (5, "Sent", mail("two"))], b"\n"
            ),
            f"{name}-{BO}-q0Q0q0.mbox": gmail_mbox([(8, "Inbox", mail("three"))], b"\n"),
        }
    )
    files = {
        f"{name}-1.zip": part,
        f"{name}-metadata.csv": metadata_csv(
            [("<one@ferry.example>", ADA), ("two@ferry.example", ADA), ("", BO)]
        ),
        f"{name}-metadata.xml": metadata_xml(3),
        f"{name}-result-counts.csv": COUNTS,
        f"{name}-errors.xml": b"<?xml version='1.0'?><Errors></Errors>",
    }
    sums = "".join(f"{hashlib.md5(d).hexdigest()}  {n}\n" for n, d in files.items())
    files[f"{name}.md5"] = sums.encode()
    for file, data in files.items():
        put(folder / file, data)
    return files


MAILS = {
    "NativeFiles/ada@ferry.example/Inbox/one.eml": mail("one"),
    "NativeFiles/ada@ferry.example/Inbox/two.eml": mail("two"),
    "NativeFiles/bo@ferry.example/Sent/three.eml": mail("three"),
}
FIELDS = (
    "Row_number,File_ID,File_class,Family_ID,Native_MD5,Native_SHA_256,Location_name,Item_class,"
    "Email_subject,Email_message_ID,Email_conversation_ID,Native_size,Export_native_path"
)


def load_file(encoding: str = "utf-8-sig") -> bytes:
    lines = [FIELDS]
    for number, (path, data) in enumerate(MAILS.items(), 1):
        name = path.rpartition("/")[2].removesuffix(".eml")
        md5, sha256 = hashlib.md5(data).hexdigest(), hashlib.sha256(data).hexdigest()
        windows = path.replace("/", "\\")
        lines.append(
            f'{number},F{number},Email,{number},{md5},{sha256.upper()},x,IPM.Note,"{name}, ""q""",'
            f"<{name}@ferry.example>,AAQ=,{len(data)},{windows}"
        )
    lines.append("9,F9,Attachment,1,,,x,,,,,5,")
    return "\r\n".join([*lines, ""]).encode(encoding)
