"""Seeds of the targets for whole exports, and for pages of Teams chats."""

from __future__ import annotations

import json

from chat_building import DM, GENERAL, USERS, said
from document_damage import CONTACT
from export_building import COUNTS, gmail_mbox, load_file, metadata_csv, metadata_xml
from load_building import dat, edrm
from source_building import mail
from source_targets import BETWEEN

_BOX = gmail_mbox([(5, "Inbox,=?UTF-8?Q?B=C3=BCro?=", mail("one")), (5, "Sent", mail("two"))])
_POST = {
    "creator": {"name": "Ada", "email": "ada@ferry.example", "user_type": "Human"},
    "created_date": "Friday, March 17, 2023 at 9:01:00\u202fPM UTC",
    "text": "Is that legal?",
    "topic_id": "m1",
    "message_id": "AAAA/m1/m1",
    "attached_files": [{"original_name": "berth.pdf", "export_name": "File-berth.pdf"}],
}
_GROUP = {"name": "Berths", "members": [{"name": "Ada", "email": "ada@ferry.example"}]}
_MANIFEST = (
    b'<?xml version="1.0"?><Root MajorVersion="1"><Batch><Documents><Document DocID="1" '
    b'DocType="Message"><Tags><Tag TagName="#MessageID" TagValue="one@ferry.example"/></Tags>'
    b'<Files><File FileType="Native"><ExternalFile FilePath="TeamsMessagesData" FileName="1.eml" '
    b'FileSize="7" Hash="00"/></File></Files></Document></Documents></Batch></Root>'
)
_RESULTS = (
    b"Item Identity,Selected,Duplicate to Item,Original Path,Location Name,Target Path,Subject\r\n"
    b"1,True,,x,ada@ferry.example,Exchange\\ada.pst\\Top\\Inbox,a\r\n2,True,1,x,bo,a\\b.pst\\S,b\r\n"
)
_SUMMARY = b"Export name,Case name,Export id\r\nx,y,z\r\n"
_ITEMS = (
    b"Workload,Item class,Type,Target path,Subject/Title\r\n"
    b"Exchange,IPM.Note,Message,Items.1.zip\\Exchange\\one.eml,one\r\n"
)
_DOCUMENT = (
    '<Document DocID="B1"><Tags><Tag TagName="#From" TagValue="ben@quay.example"/>'
    '<Tag TagName="#DateSent" TagValue="2024-03-05T08:01:00+01:00"/></Tags><Files>'
    '<File FileType="Text"><InlineContent>the text</InlineContent></File></Files></Document>'
    '<Document DocID="B2"><Files><File FileType="Native"><ExternalFile FilePath="NATIVES" '
    'FileName="1.eml"/></File></Files></Document>'
)
_RELATED = '<Relationship Type="Attachment" ParentDocID="B1" ChildDocID="B2"/>'
_ROWS = [
    ["BEGDOC", "ENDATTACH", "FROM", "SUBJECT", "NATIVEPATH", "TEXTPATH", "DATESENT", "MD5HASH"],
    ["1", "2", "Nora <nora@q.example>", "Crates", "", "TEXT\\1.txt", "03/14/2021", ""],
    ["3", "", "", "", "NATIVES\\1.eml", "", "", "0" * 32],
]
_TABLE = b"From,To,Subject,Native Path\nnora@q.example,ben@q.example,Crates,NATIVES/1.eml\n"
_TALK = (
    "[05/03/2024, 08:00:00] Nora: crates\n[05/03/2024, 08:01:00] Ben: <attached: IMG-1.jpg>\n"
    "[05/03/2024, 08:02:00] Ben: 1.vcf (file attached)\n"
)
_TIMED = "".join(
    f'<div class="message"><div class="message-timestamp">2024-03-02T09:0{n}:00Z</div>'
    f'<div class="message-sender">{who}</div><div class="message-body">{text}</div></div>'
    for n, (who, text) in enumerate([("Ana", "<p>tide"), ("Bo", "a<br>b"), ("Ana", "c")])
)
_CELLS = "".join(
    f"<tr><td>2024/03/0{n} 09:00</td><td>Ana</td><td>tide</td></tr>" for n in (1, 2, 3)
)
_BOLD = "".join(
    '<div class="message"><span style="font-weight:700;">Ana Lima</span>'
    f"<span>2 March 2024, 9:0{n} AM</span><div>tide</div></div>"
    for n in range(3)
)


def _pages() -> list[bytes]:
    top = "<html><head><meta name='generator' content='Microsoft Teams'></head><body>"
    table = f"{top}<table><tr><th>dateTime</th><th>from</th><th>body</th></tr>{_CELLS}</table>"
    quoted = "<blockquote><time datetime='2024-03-01T09:30:00Z'>then</time></blockquote>"
    pages = (f"{top}{_TIMED}</body></html>", table, top + _BOLD, top + _TIMED + quoted)
    return [*(page.encode() for page in pages), pages[0].encode("utf-16")]


def _json(*told: object) -> list[bytes]:
    return [json.dumps(one).encode() for one in told]


_FILES: dict[str, list[list[bytes]]] = {
    "slack export": [
        _json([said("Crates"), said("b", "2.1")], USERS, [GENERAL], [DM], [said("c")], []),
    ],
    "google export": [
        [*_json({"messages": [_POST]}, _GROUP), _BOX, *_json({"user": {"name": "Ada"}})],
    ],
    "vault export": [
        [
            metadata_csv([("<one@ferry.example>", "ada@ferry.example")]),
            metadata_xml(2),
            COUNTS,
            b"0123456789abcdef0123456789abcdef  q-metadata.csv\nMD5 (q.zip) = " + b"0" * 32,
            b"<?xml version='1.0'?><Errors/>",
            _BOX,
        ],
    ],
    "purview export": [
        [load_file(), _MANIFEST, _RESULTS, _SUMMARY, _ITEMS, mail("one"), _pages()[0]],
    ],
    "volume": [
        [dat(_ROWS).encode(), mail("one"), b"The crates.", edrm(_DOCUMENT, _RELATED), _TABLE],
        [dat(_ROWS).encode("utf-16"), mail("one"), "Größe".encode("cp1252"), b"", b""],
    ],
    "whatsapp export": [[_TALK.encode(), b"\xff\xd8\xff", CONTACT]],
}

EXPORT_SEEDS: dict[str, list[bytes]] = {
    **{name: [BETWEEN.join(files) for files in given] for name, given in _FILES.items()},
    "teams-html": _pages(),
}
