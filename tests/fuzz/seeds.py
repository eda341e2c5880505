"""What the fuzzer starts from: small input for each target, made here."""

from __future__ import annotations

import json
import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]
sys.path += [str(_TESTS / name) for name in ("hostile", "sources", "mail")]

from chat_building import graph, said  # noqa: E402
from container_seeds import CONTAINERS  # noqa: E402
from document_seeds import DOCUMENTS  # noqa: E402
from export_building import load_file  # noqa: E402
from export_seeds import EXPORT_SEEDS  # noqa: E402
from hostile_exports import EXPORTS  # noqa: E402
from hostile_mail import MESSAGES  # noqa: E402
from load_building import dat, edrm  # noqa: E402
from smime_building import ENTITY, signed, streamed  # noqa: E402
from source_building import mail  # noqa: E402

# Bombs take their time by their size alone; the fuzzer grows its own.
_LARGEST = 20_000
_FROM = b"From nora@quayside.example Tue Mar  5 08:00:00 2024\n"


def seeds(target: str) -> list[bytes]:
    """The seeds of a target, at least one."""
    if target in ("message", "post"):
        return [make(400) for make in MESSAGES.values()]
    if target == "mbox":
        return [_FROM + make(200) + b"\n" + _FROM + make(50) for make in MESSAGES.values()]
    if target == "html":
        return _bodies(b"text/html")
    if target == "segments":
        return _bodies(b"text/plain")
    if target in ("zip", "tar"):
        return _exports(target)
    if target == "any file":
        return [*_exports("zip"), *_exports("tar"), *(s[0] for s in _SMALL.values() if len(s) == 1)]
    return _SMALL[target]


def _bodies(kind: bytes) -> list[bytes]:
    made = [make(300) for make in MESSAGES.values()]
    return [data.partition(b"\n\n")[2] for data in made if kind in data]


def _exports(ending: str) -> list[bytes]:
    large = ("bomb", "line ends", "From lines", "many members", "overlapping", "no line end")
    made = [
        make()
        for name, (file, make) in EXPORTS.items()
        if file.endswith(ending) and not any(word in name for word in large)
    ]
    return [data for data in made if len(data) <= _LARGEST]


_DOCUMENT = """<Document DocID="1" DocType="Message"><Tags>
<Tag TagName="#Subject" TagDataType="Text" TagValue="Tide"/></Tags>
<Files><File FileType="Native"><ExternalFile FileName="1.eml" FilePath="n"
FileSize="5" Hash="0"/></File></Files></Document>"""

_SMALL = {
    "addresses": [
        b'"Quill, Nora" <nora@quayside.example>, ben@quayside.example',
        b"g: a@b.example;",
        b"Nora (home) <@a,@b:nora@quayside.example>",
    ],
    "dates": [
        b"Tue, 05 Mar 2024 08:00:00 +0000",
        b"2024-03-05T08:00:00Z",
        b"5.3.24 8:00 PM EST",
        b"Mar 5, 2024, at 8:00 (CET)",
    ],
    "charsets": [
        name + b"\nabc\xe9\x1b$B+AGE-" for name in (b"utf-7", b"iso-2022-jp", b"", b"utf-16")
    ],
    "rtf": [
        rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}a\u233 ?\'e9\par}",
        rb"{\rtf1\bin5 abcde}",
        rb"{\rtf1{\fonttbl{\f0\fcharset204 a;}}{\field{\*\fldinst x}{\fldrslt y}}\uc2\u8364 ab}",
    ],
    "slack": [
        json.dumps([said("Crates <@U01ANAANA>"), said("b", thread_ts="1.1", files=[])]).encode()
    ],
    "teams": [json.dumps({"value": [graph("<p>Crates</p>"), graph("b", replyToId="1")]}).encode()],
    "whatsapp": [
        b"[05/03/2024, 08:00:00] Nora: The crates\narrive.\n[05/03/2024, 08:01:00] Ben: Fine.\n",
        b"3/5/24, 8:00 AM - Nora: a\n3/5/24, 8:01 AM - Ben left\n",
    ],
    "concordance": [
        dat(
            [["DOCID", "FROM", "SUBJECT", "TEXT"], ["1", "Nora", "Crates", "They arrive."]]
        ).encode(),
        dat([["BEGDOC", "ATTACHIDS", "NATIVE"], ["1", "2", "..\\..\\x"]]).encode("utf-16"),
    ],
    "csv": [
        load_file(),
        b"From,To,Subject,Body\nnora@q.example,ben@q.example,Crates,They arrive.\n",
    ],
    "jsonl": [
        b'{"From": "nora@q.example", "To": ["ben@q.example"], "Subject": "Crates", "Body": "a"}\n'
        b'{"From": {"name": "Ben"}, "Body": null}\n'
    ],
    "edrm": [edrm(_DOCUMENT)],
    "emlx": [b"%d \n%s<?xml version='1.0'?><plist/>" % (len(mail("one")), mail("one"))],
    "transfer": [
        b"base64\nVGhlIGNyYXRlcw==\nVGhl\nlist footer\n",
        b"quoted-printable\nGr=C3=BC=\n=C3=9Fe =\n",
        b"x-uuencode\nbegin 644 a.txt\n#86)C\n`\nend\n",
        b"\nText.\nbegin 644 a.txt\n#86)C\n`\nend\nbegin 755 b\n`\nend\n",
    ],
    "smime": [signed(ENTITY), streamed(ENTITY)],
    **CONTAINERS,
    **DOCUMENTS,
    **EXPORT_SEEDS,
}
