"""Builds corpus_samples/ from the stories in benchmarks/samples: one mailbox a custodian, each
in another format. Same stories, same bytes.

    python benchmarks/build_samples.py corpus_samples
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import re
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import build_chats
import build_documents
import build_msg
import build_production
import build_pst

STORIES = Path(__file__).parent / "samples"
Story = dict[str, Any]
# Notes exports carry no threading headers, and every copy has a Message-ID of its own.
OWN_IDS = {"lim.hw", "vandalen.p"}
# Replies that carry the message they answer as an attached message/rfc822.
ATTACHED_PARENT = {"nl-118", "lf-126", "hp-147"}
# Whose mail lies in a Takeout (the first) and in a Vault export (the others): copies alone.
GOOGLE = (
    "leo.strand@lumenforge.example",
    "jun.watanabe@lumenforge.example",
    "maeve.corrigan@lumenforge.example",
)
# Whose mail lies in an Outlook data file, and the contact in it.
OUTLOOK = "h.stolk@hp-lines.example", "Ineke Bosman <i.bosman@hp-lines.example>"
_POLICY = SMTP.clone(linesep="\n", max_line_length=76, cte_type="8bit")
_EPOCH = (2020, 1, 1, 0, 0, 0)


def stories() -> list[Story]:
    """All stories, with the companies in a fixed order."""
    found: list[Story] = []
    for file in sorted(STORIES.glob("*.jsonl")):
        found += [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return found


def message_id(story: Story, custodian: str) -> str:
    """The Message-ID of a custodian's copy."""
    salt = custodian if custodian in OWN_IDS else ""
    domain = parseaddr(story["from"])[1].rpartition("@")[2]
    digest = hashlib.sha256(f"{story['id']}{salt}".encode()).hexdigest()[:20]
    return f"<{digest}.{story['id']}@{domain}>"


def render(story: Story, by_id: dict[str, Story], custodian: str, depth: int = 0) -> bytes:
    """The message as RFC 5322 bytes with LF line ends."""
    mail = EmailMessage(policy=_POLICY)
    mail["Message-ID"] = message_id(story, custodian)
    mail["Date"] = format_datetime(datetime.fromisoformat(story["date"]))
    mail["From"] = [_address(story["from"])]
    for field in ("to", "cc"):
        if story.get(field):
            mail[field.capitalize()] = [_address(person) for person in story[field]]
    mail["Subject"] = story["subject"]
    parent = by_id.get(story.get("reply_to") or "")
    if parent and custodian not in OWN_IDS:
        mail["In-Reply-To"] = message_id(parent, custodian)
        chain = []
        while parent:
            chain.append(message_id(parent, custodian))
            parent = by_id.get(parent.get("reply_to") or "")
        mail["References"] = " ".join(reversed(chain))
    charset = story.get("charset") or "utf-8"
    cte = "quoted-printable" if story["client"] == "outlook" else "base64"
    if charset == "iso-2022-jp" or story["client"] in ("gmail", "apple"):
        cte = "7bit" if (story["body"] or "").isascii() else "base64"
    if story["body"]:
        text = story["body"]
        mail.set_content(text, charset=charset, cte=cte if not text.isascii() else None)
        if story.get("html"):
            mail.add_alternative(story["html"], subtype="html", charset=charset)
    else:
        mail.set_content(story["html"] or "", subtype="html", charset=charset)
    for attachment in story.get("attachments") or []:
        major, _, minor = attachment["type"].partition("/")
        content = build_documents.document(attachment["name"], attachment["text"])
        mail.add_attachment(content, maintype=major, subtype=minor, filename=attachment["name"])
    original = by_id.get(story.get("reply_to") or "")
    if story["id"] in ATTACHED_PARENT and original and depth == 0:
        inner = render(original, by_id, custodian, depth + 1)
        from email import message_from_bytes

        mail.add_attachment(message_from_bytes(inner, policy=_POLICY))
    raw = mail.as_bytes()
    # Boundaries are drawn at random by the library: fix them, so that same stories give same bytes.
    for number, boundary in enumerate(dict.fromkeys(re.findall(rb'boundary="([^"]+)"', raw))):
        raw = raw.replace(boundary, f"=_{story['id']}_{number}_".encode())
    return raw


def _address(person: str) -> Address:
    name, spec = parseaddr(person)
    return Address(name or "", addr_spec=spec)


def mbox(messages: Iterable[tuple[Story, bytes]], variant: str) -> bytes:
    """An mbox of one of the four variants."""
    out = io.BytesIO()
    for story, raw in messages:
        sender = parseaddr(story["from"])[1]
        when = datetime.fromisoformat(story["date"]).astimezone(UTC)
        out.write(f"From {sender} {when:%a %b %d %H:%M:%S %Y}\n".encode())
        head, _, body = raw.partition(b"\n\n")
        if variant == "mboxrd":
            body = re.sub(rb"(?m)^(>*From )", rb">\1", body)
        elif variant in ("mboxo", "mboxcl"):
            body = re.sub(rb"(?m)^(From )", rb">\1", body)
        if variant in ("mboxcl", "mboxcl2"):
            head += f"\nContent-Length: {len(body)}".encode()
        out.write(head + b"\n\n" + body + (b"" if body.endswith(b"\n") else b"\n") + b"\n")
    return out.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _tar(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _folders(
    box: list[tuple[Story, bytes]], custodian: str
) -> dict[str, list[tuple[Story, bytes]]]:
    found: dict[str, list[tuple[Story, bytes]]] = {}
    for story, raw in box:
        found.setdefault(story["folder"].get(custodian, "Inbox"), []).append((story, raw))
    return found


def _people(story: Story) -> set[str]:
    everybody = [story["from"], *story["to"], *(story.get("cc") or [])]
    return {parseaddr(person)[1] for person in everybody}


def _thread(story: Story, by_id: dict[str, Story]) -> int:
    """A Gmail thread id: the same for all of one conversation."""
    while parent := by_id.get(story.get("reply_to") or ""):
        story = parent
    digest = hashlib.sha256(f"thread {story['id']}".encode()).digest()
    return 1_600_000_000_000_000_000 + int.from_bytes(digest[:6])


def gmail_mbox(box: list[tuple[Story, bytes]], account: str, by_id: dict[str, Story]) -> bytes:
    """An mbox as Google writes it: thread and labels in the header, lines ending in CRLF."""
    out = io.BytesIO()
    for number, (story, raw) in enumerate(box):
        thread = _thread(story, by_id)
        labels = ["Sent"] if parseaddr(story["from"])[1] == account else ["Inbox", "Important"]
        labels += ["Opened"] if number % 3 else ["Unread", "Category Updates"]
        if story.get("attachments"):
            labels.append('"Pièces, à classer"')
        text = ",".join(labels)
        if not text.isascii():
            coded = "".join(
                chr(b) if b < 128 and (chr(b).isalnum() or chr(b) in ',"') else f"={b:02X}"
                for b in text.encode()
            )
            text = f"=?UTF-8?Q?{coded.replace('=20', '_')}?="
        when = datetime.fromisoformat(story["date"]).astimezone(UTC)
        out.write(f"From {thread + number}@xxx {when:%a %b %d %H:%M:%S} +0000 {when:%Y}\n".encode())
        out.write(f"X-GM-THRID: {thread}\nX-Gmail-Labels: {text}\n".encode())
        out.write(re.sub(rb"(?m)^(>*From )", rb">\1", raw).rstrip(b"\n") + b"\n\n")
    return out.getvalue().replace(b"\n", b"\r\n")


def takeout(box: bytes) -> bytes:
    """A Google Takeout archive of one mailbox."""
    page = "<!DOCTYPE html><html><head><title>Archive browser</title></head></html>"
    return _zip(
        {
            "Takeout/archive_browser.html": page.encode(),
            "Takeout/Mail/All mail Including Spam and Trash.mbox": box,
            "Takeout/Mail/User Settings/Filters.json": b'{"filters": []}\n',
        }
    )


def vault(name: str, boxes: dict[str, tuple[list[tuple[Story, bytes]], bytes]]) -> dict[str, bytes]:
    """The files of a Google Vault export of several accounts, its own lists beside the mail."""
    rows = ["Rfc822MessageId,GmailMessageId,Account,Subject,Labels"]
    documents = []
    counts = []
    members = {}
    for account, (box, mail) in boxes.items():
        members[f"{name}-{account}-{hashlib.sha256(account.encode()).hexdigest()[:6]}.mbox"] = mail
        counts.append(f"{account},Success,{len(box)},0")
        for story, _ in box:
            number = hashlib.sha256(f"{account} {story['id']}".encode()).hexdigest()[:16]
            subject = story["subject"].replace('"', '""')
            rows.append(f'{message_id(story, account)},{number},{account},"{subject}",^ALL')
            tags = {"#From": story["from"], "#Subject": story["subject"], "Labels": "^ALL"}
            documents.append(
                f"<Document DocID='{number}'><Tags>"
                + "".join(f"<Tag TagName='{t}' TagValue={quoteattr(v)}/>" for t, v in tags.items())
                + "</Tags></Document>"
            )
    total = sum(len(box) for box, _ in boxes.values())
    heading = "Account,AccountStatus,SuccessCount,MessageErrorCount"
    xml = "<?xml version='1.0' encoding='UTF-8'?>\n"
    files = {
        f"{name}-1.zip": _zip(members),
        f"{name}-errors.xml": f"{xml}<Errors/>\n".encode(),
        f"{name}-metadata.csv": "\r\n".join([*rows, ""]).encode(),
        f"{name}-metadata.xml": (
            f"{xml}<Root DataInterchangeType='Update'><Batch><Documents>\n"
            + "\n".join(documents)
            + "\n</Documents></Batch></Root>\n"
        ).encode(),
        f"{name}-result-counts.csv": "\r\n".join(
            [heading, f"Total,,{total},0", *counts, ""]
        ).encode(),
    }
    sums = "".join(f"{hashlib.md5(data).hexdigest()}  {file}\n" for file, data in files.items())
    return files | {f"{name}.md5": sums.encode()}


def write(place: Path) -> None:
    """Write all mailboxes and labels.jsonl into ``place``, made anew."""
    if place.exists():
        shutil.rmtree(place)
    place.mkdir(parents=True)
    told = stories()
    by_id = {story["id"]: story for story in told}
    boxes: dict[str, list[tuple[Story, bytes]]] = {}
    for story in sorted(told, key=lambda s: (datetime.fromisoformat(s["date"]), s["id"])):
        for custodian in story["in"]:
            raw = render(story, by_id, custodian)
            boxes.setdefault(custodian, []).append((story, raw))

    def eml(custodian: str, root: str = "") -> dict[str, bytes]:
        return {
            f"{root}{folder}/{number:04}.eml": raw
            for folder, some in _folders(boxes[custodian], custodian).items()
            for number, (_, raw) in enumerate(some, 1)
        }

    def put(name: str, content: bytes) -> None:
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    put("marcy.delgado.mbox", mbox(boxes["marcy.delgado"], "mboxrd"))
    put("grant.whitlock.zip", _zip(eml("grant.whitlock")))
    for folder, some in _folders(boxes["pri.anand"], "pri.anand").items():
        part = "" if folder == "Inbox" else "." + folder.replace("/", ".") + "/"
        for number, (story, raw) in enumerate(some, 1):
            when = int(datetime.fromisoformat(story["date"]).timestamp())
            put(f"pri.anand/{part}cur/{when}.M{number}P1.northlake", raw)
        for empty in ("new", "tmp"):
            (place / "pri.anand" / part / empty).mkdir(parents=True, exist_ok=True)
    put("rafael.moura.mbox.gz", gzip.compress(mbox(boxes["rafael.moura"], "mboxo"), 9, mtime=0))
    put(
        "philippa.oakes.tar.bz2",
        bz2.compress(
            _tar(
                {
                    f"{folder}.mbox": mbox(some, "mboxcl2")
                    for folder, some in _folders(boxes["philippa.oakes"], "philippa.oakes").items()
                }
            )
        ),
    )
    ines = _folders(boxes["ines.delcourt"], "ines.delcourt")
    sent = {f"Sent/{n:04}.eml": raw for n, (_, raw) in enumerate(ines.pop("Sent"), 1)}
    put(
        "ines.delcourt.zip",
        _zip(
            {
                f"{folder}.mbox.xz": lzma.compress(mbox(some, "mboxrd"))
                for folder, some in ines.items()
            }
            | {"sent.tar.gz": gzip.compress(_tar(sent), 9, mtime=0)}
        ),
    )
    for folder, some in _folders(boxes["vandalen.p"], "vandalen.p").items():
        for number, (_, raw) in enumerate(some, 1):
            put(f"vandalen.p/{folder.lower().replace(' ', '_')}/{number}.", raw)
    put("thibodeaux.r.mbox", mbox(boxes["thibodeaux.r"], "mboxcl"))
    put("lim.hw.tar.xz", lzma.compress(_tar(eml("lim.hw"))))
    google = {}
    for account in GOOGLE:
        box = [
            (story, render(story, by_id, account))
            for story in sorted(told, key=lambda s: (datetime.fromisoformat(s["date"]), s["id"]))
            if account in _people(story)
        ]
        google[account] = box, gmail_mbox(box, account, by_id)
    first, *others = GOOGLE
    put(f"{first.partition('@')[0]}/takeout-20240131T101112Z-001.zip", takeout(google[first][1]))
    for name, content in vault("lumenforge-7", {a: google[a] for a in others}).items():
        put(f"vault/{name}", content)
    account, contact = OUTLOOK
    box = sorted(
        (story for story in told if account in _people(story)),
        key=lambda s: (datetime.fromisoformat(s["date"]), s["id"]),
    )
    put(
        "stolk.h.pst", build_pst.pst(box, account, contact, lambda s: message_id(s, account), by_id)
    )
    account = build_production.PRODUCED
    produced = sorted(
        (s for s in told if account in _people(s) and build_production.in_windows_1252(s)),
        key=lambda s: (datetime.fromisoformat(s["date"]), s["id"]),
    )
    volume = build_production.production(
        [(s, render(s, by_id, account)) for s in produced], lambda s: message_id(s, account)
    )
    put(f"wagemaker.k/{build_production.VOLUME}.zip", _zip(volume))
    lines = []
    for story in told:
        ids = list(dict.fromkeys(message_id(story, c) for c in story["in"]))
        lines.append(
            json.dumps(
                {
                    "message_id": ids[0],
                    "copies": ids[1:],
                    "flag": story["flag"],
                    "signals": story["signals"],
                    "evidence": story["evidence"],
                    "kind": story["kind"].replace("_", "-"),
                    "authored": story["authored"],
                },
                ensure_ascii=False,
            )
        )
    for name, content in build_msg.messages(by_id, lambda s: message_id(s, "")).items():
        put(name, content)
    put(build_chats.SLACK, _zip(build_chats.slack()))
    put(build_chats.WHATSAPP, _zip(build_chats.whatsapp()))
    put(build_chats.TEAMS, build_chats.teams())
    lines += [json.dumps(label, ensure_ascii=False) for label in build_chats.labels(place)]
    put("labels.jsonl", ("\n".join(lines) + "\n").encode())
    print(f"{len(lines)} messages, {sum(map(len, boxes.values()))} copies, {len(boxes)} custodians")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "corpus_samples"))
