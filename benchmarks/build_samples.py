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

STORIES = Path(__file__).parent / "samples"
Story = dict[str, Any]
# Notes exports carry no threading headers, and every copy has a Message-ID of its own.
OWN_IDS = {"lim.hw", "vandalen.p"}
# Replies that carry the message they answer as an attached message/rfc822.
ATTACHED_PARENT = {"nl-118", "lf-126", "hp-147"}
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
        mail.add_attachment(
            attachment["text"].encode(), maintype=major, subtype=minor, filename=attachment["name"]
        )
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
    put("labels.jsonl", ("\n".join(lines) + "\n").encode())
    print(f"{len(told)} messages, {sum(map(len, boxes.values()))} copies, {len(boxes)} custodians")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "corpus_samples"))
