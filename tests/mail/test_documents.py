"""Text of attached documents: what is read of each format, what is listed as unread, bounds."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import tracemalloc
import zipfile
from email.message import EmailMessage

import pytest
from document_building import (
    W,
    cell,
    docx,
    ole,
    opendocument,
    paragraph,
    pdf,
    pptx,
    xls,
    xlsx,
    zipped,
)

from riskscan.mail.documents import Document, document_text, process
from riskscan.mail.documents.document import MAX_TEXT
from riskscan.mail.parse import parse_message

WORRY = "We both know that these invoices are false."


def read(data: bytes, name: str = "file") -> Document:
    """The document as read in this process, and the same by the process for documents."""
    here = document_text(name, "application/octet-stream", data)
    apart = process.read(name, "application/octet-stream", data, "", str(random.random()))
    assert apart == here
    return here


def mail(*files: tuple[str, bytes], kind: str = "application/octet-stream") -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = "nora@quayside.example", "papers"
    made.set_content("See the papers.\n")
    for name, data in files:
        major, _, minor = kind.partition("/")
        made.add_attachment(data, maintype=major, subtype=minor, filename=name)
    return made.as_bytes()


# What is read


def test_word_text_notes_comments_and_deletions() -> None:
    document = read(
        docx(
            "Minutes",
            "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>We </w:t></w:r>"
            "<w:del><w:r><w:delText>never</w:delText></w:r></w:del>"
            "<w:ins><w:r><w:t> always</w:t></w:r></w:ins><w:r><w:t> paid</w:t></w:r></w:p>",
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>crates</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r>"
            "<w:t>12</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
            "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden words</w:t></w:r></w:p>",
            '<w:p><w:r><w:instrText>HYPERLINK "x"</w:instrText></w:r></w:p>',
            comments=f'<w:comment w:author="Nora Quill">{paragraph(WORRY)}</w:comment>',
            footnotes=f"<w:footnote>{paragraph('see annex')}</w:footnote>",
            header1=paragraph("Quayside, privileged"),
        )
    )
    assert document.text == (
        "Minutes\nWe [deleted: never] always paid\ncrates\t12\nhidden words\n\n"
        f"Footnote:\nsee annex\n\nComment by Nora Quill:\n{WORRY}\n\nQuayside, privileged"
    )
    assert document.unread == ""


def test_word_of_the_strict_variant() -> None:
    with zipfile.ZipFile(io.BytesIO(docx("Strict words"))) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    name = "word/document.xml"
    strict = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
    parts[name] = parts[name].replace(W.encode(), strict)
    assert read(zipped(parts)).text == "Strict words"


def test_a_text_box_is_told_once() -> None:
    box = (
        "<w:p><w:r><mc:AlternateContent xmlns:mc='m'><mc:Choice><w:t>boxed</w:t></mc:Choice>"
        "<mc:Fallback><w:t>boxed</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert read(docx(box)).text == "boxed"


def test_sheets_with_their_names_hidden_ones_too() -> None:
    document = read(
        xlsx(
            {
                "Costs": "<row>" + cell("0", "s") + cell("1.5") + "</row><row hidden='1'>"
                f"{cell('1', 's')}{cell('45000', 'n', 1)}{cell('1', 'b')}</row>",
                "Real": "<row><c t='inlineStr'><is><t>inline</t></is></c><c t='str'><f>A1</f>"
                "<v>computed</v></c></row>",
            },
            strings=["Crates", "Bribe & fee"],
            hidden="Real",
            comments=WORRY,
        )
    )
    assert document.text == (
        "Sheet Costs:\nCrates\t1.5\nBribe & fee\t2023-03-15\tTRUE\n\n"
        f"Comments:\n{WORRY}\n\nSheet Real (hidden):\ninline\tcomputed"
    )


def test_old_sheets() -> None:
    document = read(xls([["Crates", 12, 1.5], [], ["Bribe für Ben"]]))
    assert (document.text, document.unread) == (
        "Sheet Costs (hidden):\nCrates\t12\t1.5\nBribe für Ben", ""
    )  # fmt: skip


def test_slides_in_the_order_of_the_show_with_notes() -> None:
    document = read(pptx([["Second slide"], ["First slide", "with two lines"]], {1: WORRY}))
    assert document.text == (
        f"Slide 1:\nFirst slide\nwith two lines\n\nSlide 2:\nSecond slide\n\nNotes:\n{WORRY}"
    )


def test_opendocument_text_comments_deletions_and_headers() -> None:
    body = (
        "<office:text><text:tracked-changes><text:changed-region><text:deletion>"
        "<office:change-info><dc:creator>Nora</dc:creator><dc:date>2024</dc:date>"
        "</office:change-info><text:p>we lied</text:p></text:deletion></text:changed-region>"
        "</text:tracked-changes><text:h>Title</text:h><text:p>crates<text:s text:c='2'/>and"
        "<text:tab/><text:span>boxes</text:span><office:annotation><dc:creator>Ben</dc:creator>"
        f"<text:p>{WORRY}</text:p></office:annotation></text:p></office:text>"
    )
    document = read(opendocument(body, styles="<style:header><text:p>Top</text:p></style:header>"))
    assert document.text == (
        f"Deleted:\nNora: we lied\n\nTitle\ncrates  and\tboxes [comment: Ben: {WORRY}] \n\nTop"
    )


def test_opendocument_sheets() -> None:
    row = (
        "<table:table-row><table:table-cell><text:p>{}</text:p></table:table-cell>"
        "<table:table-cell table:number-columns-repeated='16000'/>"
        "<table:table-cell><text:p>{}</text:p></table:table-cell></table:table-row>"
    )
    body = "<office:spreadsheet><table:table table:name='Fees'>" + row.format("a", "b")
    body += row.format("c", "d") + "</table:table></office:spreadsheet>"
    assert read(opendocument(body, "spreadsheet")).text == "Table Fees:\na\tb\nc\td"


def test_pdf_pages_comments_and_attached_files() -> None:
    document = read(
        pdf("First page\nline (two)", "Second", note=WORRY, attached=("a.txt", b"inside")), "p.pdf"
    )
    said = f"Comment by Nora Quill: {WORRY}"
    assert document.text == f"First page\nline (two)\n\n{said}\n\nSecond\n\n{said}"
    assert [(m.name, m.text) for m in document.members] == [("p.pdf!/a.txt", "inside")]


def test_pdf_that_opens_without_password_is_read() -> None:
    assert read(pdf("no printing allowed", password="")).text == "no printing allowed"


def test_rtf() -> None:
    assert read(b"{\\rtf1\\ansi The crates \\b leave\\b0\\par tonight}").text == (
        "The crates leave\ntonight"
    )


def test_an_invitation_is_told_in_words() -> None:
    data = (
        b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Talk about th\r\n"
        b' e audit\r\nDTSTART:20240305T100000Z\r\nORGANIZER;CN="Quill, Nora":mailto:n@q.example'
        b"\r\nDESCRIPTION:Do not write\\, call.\\nBurn it.\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert read(data).text == (
        "Subject: Talk about the audit\nStart: 2024-03-05 10:00 UTC\n"
        "Organizer: Quill, Nora <n@q.example>\nDo not write, call.\nBurn it."
    )


def test_contacts_old_and_new_without_their_pictures() -> None:
    data = (
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=utf-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Jo"
        b"\r\nTEL;WORK;VOICE:12\r\nNOTE;ENCODING=QUOTED-PRINTABLE:a long=\r\n note\r\n"
        b"PHOTO;BASE64:AAAA\r\n BBBB\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:4.0\r\n"
        b"FN:Nora Quill\r\nN:Quill;Nora;;;\r\nitem1.EMAIL:n@q.example\r\nEND:VCARD\r\n"
    )
    assert read(data, "people.vcf").text == (
        "Name: Müller, Jo\nTelephone: 12\na long note\n\nName: Nora Quill\nE-mail: n@q.example"
    )


def test_content_decides_before_type_and_name() -> None:
    (made,) = parse_message(mail(("picture.jpg", docx(WORRY)), kind="image/jpeg")).attachments
    assert (made.text, made.content_type) == (WORRY, "image/jpeg")


# What is listed as unread


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf("secret", password="tide"), "encrypted"),
        (ole("EncryptedPackage", "EncryptionInfo"), "encrypted"),
        (opendocument("", encrypted=True), "encrypted"),
        (zipped({"a.txt": "x"}, password=True), "encrypted"),
        (b"-----BEGIN PGP MESSAGE-----\n\nhQEM\n", "encrypted"),
        (pdf(b"", b""), "a scan without text layer"),
        (pdf("text", b""), "1 of 2 pages are scans without text layer"),
        (ole("WordDocument"), "old Office format (Word .doc): not read"),
        (ole("Workbook"), "damaged: "),
        (xls([["x"]], locked=True), "encrypted"),
        (b"\r\n(This file must be converted with BinHex 4.0)\r\n:", "a BinHex file: not read"),
        (b"Rar!\x1a\x07\x00" + bytes(40), "a RAR archive: not read"),
        (b"MM\0*" + bytes(40), "a TIFF picture, without text layer"),
        (b"%PDF-1.4\nnothing more", "damaged: Failed to load document"),
        (docx(WORRY)[:-30], "damaged: File is not a zip file"),
        (zipped({"[Content_Types].xml": "x", "word/document.xml": "<w"}), "damaged: word/"),
        (zipped({"[Content_Types].xml": "x", "xl/workbook.bin": "x"}), "a binary workbook"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), ""),
        (b"MZ" + bytes(range(256)), ""),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    document = read(data)
    assert document.unread.startswith(reason) and bool(reason) == bool(document.unread)


def test_what_came_before_the_damage_is_kept() -> None:
    body = f'<w:document xmlns:w="{W}"><w:body>{paragraph(WORRY)}<w:p><broken'
    document = read(zipped({"[Content_Types].xml": "x", "word/document.xml": body}))
    assert document.text == WORRY and document.unread.startswith("damaged: word/document.xml")


def test_a_damaged_part_does_not_hide_the_others() -> None:
    body = f'<w:document xmlns:w="{W}"><w:body>{paragraph("Minutes")}<w:p><broken'
    note = f'<w:comments xmlns:w="{W}"><w:comment>{paragraph(WORRY)}</w:comment></w:comments>'
    parts = {"[Content_Types].xml": "x", "word/document.xml": body, "word/comments.xml": note}
    document = read(zipped(parts))
    assert document.text == f"Minutes\n\nComment:\n{WORRY}"
    assert document.unread.startswith("damaged: word/document.xml")


def test_an_attachment_carries_text_or_reason() -> None:
    message = parse_message(mail(("a.pdf", pdf(WORRY)), ("b.pdf", pdf("x", password="tide"))))
    assert [(a.name, a.text, a.unread) for a in message.attachments] == [
        ("a.pdf", WORRY, ""),
        ("b.pdf", "", "encrypted"),
    ]


# Containers and nested mail

INNER = b"From: ben@quayside.example\nSubject: inner\n\nBurn the ledger.\n"


def test_members_of_a_zip_are_attachments_of_their_own() -> None:
    deep = zipped({"c.zip": zipped({"d.txt": "too deep"}), "b.txt": "in two"})
    message = parse_message(
        mail(("a.zip", zipped({"dir/x.docx": docx(WORRY), "b.zip": deep, "../up.txt": "up"})))
    )
    assert [(a.name, a.text, a.unread) for a in message.attachments] == [
        ("a.zip", "", ""),
        ("a.zip!/dir/x.docx", WORRY, ""),
        ("a.zip!/b.zip", "", ""),
        ("a.zip!/b.zip!/c.zip", "", ""),
        ("a.zip!/b.zip!/c.zip!/d.txt", "", "inside more than 2 containers"),
        ("a.zip!/b.zip!/b.txt", "in two", ""),
        ("a.zip!/up.txt", "up", ""),
    ]
    kinds = [a.content_type for a in message.attachments]
    assert kinds[1].endswith("wordprocessingml.document") and kinds[-1] == "text/plain"


def test_what_is_inside_an_attachment_does_not_change_the_content_hash() -> None:
    data = zipped({"m.eml": INNER, "a.txt": "x"})
    one = parse_message(mail(("a.zip", data)))
    other = parse_message(mail(("a.zip", data[:-4] + b"\xff\xff\0\0")))
    assert len(one.attachments) == 3 and len(one.embedded) == 1
    assert one.content_hash != other.content_hash  # the bytes of the zip differ
    from riskscan.mail.identity import content_hash

    one.attachments, one.embedded = one.attachments[:1], []
    assert content_hash(one) == one.content_hash


def test_mail_in_files_becomes_embedded() -> None:
    message = parse_message(mail(("m.eml", INNER), ("a.zip", zipped({"n.eml": INNER}))))
    assert [e.body for e in message.embedded] == ["Burn the ledger.\n"] * 2
    assert [a.name for a in message.attachments] == ["m.eml", "a.zip", "a.zip!/n.eml"]


def test_an_outlook_message_is_read_by_who_can() -> None:
    data = mail(("m.msg", ole("__properties_version1.0")))
    (unread,) = parse_message(data).attachments
    assert unread.unread == "an Outlook message: not read"
    message = parse_message(data, lambda raw: (INNER, ["mended"]))
    assert message.embedded[0].body == "Burn the ledger.\n"
    assert "mended" in message.embedded[0].defects

    def fails(raw: bytes) -> tuple[bytes, list[str]]:
        raise ValueError("cut off")

    (broken,) = parse_message(data, fails).attachments
    assert broken.unread == "damaged: cut off"


def test_files_embedded_in_office_documents_are_members() -> None:
    data = docx("See the table", **{"word/embeddings/t.xlsx": xlsx({"T": ""}, ["x"])})
    assert [m.name for m in read(data, "a.docx").members] == ["a.docx!/word/embeddings/t.xlsx"]


def test_a_zip_that_holds_itself_ends() -> None:
    data = zipped({"a.txt": "x"})
    for _ in range(20):
        data = zipped({"a.zip": data, "b.zip": data})
    assert len(read(data).members) < 20


# Hostile documents


def _bomb(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "x")
        with archive.open("word/document.xml", "w") as part:
            part.write(f'<w:document xmlns:w="{W}"><w:p>'.encode())
            for _ in range(size >> 20):
                part.write(b" " * (1 << 20))
            part.write(b"</w:p></w:document>")
    return out.getvalue()


def test_a_bomb_is_given_up() -> None:
    data = _bomb(300 << 20)
    assert len(data) < 400_000
    tracemalloc.start()
    document = document_text("a.docx", "", data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert document.unread == "larger than 128 MiB unpacked" and peak < 16 << 20


def test_text_is_cut_and_says_so() -> None:
    document = read(docx(*["The crates arrive. " * 100] * 1000))
    assert len(document.text) <= MAX_TEXT
    assert document.unread == f"cut after {MAX_TEXT:,} characters"


def test_entities_are_not_expanded() -> None:
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    body = (
        f'<!DOCTYPE d [<!ENTITY a0 "ha">{laughs}<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        f'<w:document xmlns:w="{W}"><w:p><w:r><w:t>a&a11;b&x;</w:t></w:r></w:p></w:document>'
    )
    document = read(zipped({"[Content_Types].xml": "x", "word/document.xml": body}))
    assert (document.text, document.unread) == ("", "damaged: it declares a document type")


def test_shared_strings_repeated_in_every_cell_are_bounded() -> None:
    row = "<row>" + cell("0", "s") * 100 + "</row>"
    document = read(xlsx({"A": row * 100}, ["x" * 30_000]))
    assert document.unread.startswith("cut after") and len(document.text) <= MAX_TEXT


@pytest.fixture(scope="module")
def built() -> list[bytes]:
    return [
        pdf("First page", "Second", note="note", attached=("a.txt", b"inside")),
        docx("Words", comments=f"<w:comment>{paragraph('c')}</w:comment>"),
        xlsx({"A": "<row>" + cell("0", "s") + cell("45000", "n", 1) + "</row>"}, ["x"]),
        pptx([["one"], ["two"]], {1: "n"}),
        opendocument("<office:text><text:p>words</text:p></office:text>"),
        zipped({"a.txt": "text", "b.docx": docx("inner"), "c.eml": INNER}),
        xls([["Crates", 12.5], ["more"]]),
        b"{\\rtf1\\ansi words \\par {\\b more} \\'e4 \\u228?}",
        b'BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY;X="a":b\nEND:VEVENT\nEND:VCALENDAR\n',
    ]


def _flip(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(out))
        out[at] = chance.choice((0, 0xFF, out[at] ^ 1 << chance.randrange(8)))
    if chance.random() < 0.2:
        del out[chance.randrange(len(out)) :]
    return bytes(out)


def test_damaged_bytes_never_raise(built: list[bytes]) -> None:
    chance = random.Random(5)
    for number in range(400):
        data = _flip(built[number % len(built)], chance)
        document = process.read("x", "application/octet-stream", data, "", str(number))
        document.text.encode()
        assert "process that read it ended" not in document.unread


@pytest.mark.parametrize(
    ("deed", "reason"),
    [("while True: pass", "took too long (1.0 seconds"), ("ctypes.string_at(0)", "ended")],
)
def test_a_reader_that_hangs_or_crashes_costs_only_the_document(
    deed: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = (
        "import ctypes, json, sys; sys.path[:] = json.loads(sys.argv[1])\n"
        "from riskscan.mail.documents import child, formats\n"
        "read = formats.read_document\n"
        "def fail(name, *rest):\n"
        f"    if name != 'bad': return read(name, *rest)\n    {deed}\n"
        "formats.read_document = fail; child.main()"
    )
    monkeypatch.setattr(process, "_START", start)
    other = process._Process()
    try:
        assert other.read("good", "", docx(WORRY), "", 1.0).text == WORRY
        bad = other.read("bad", "", docx(WORRY), "", 1.0)
        assert reason in bad.unread
        assert bad.seconds > 0
        assert other.read("good", "", docx(WORRY), "", 1.0).text == WORRY
        assert other._child is not None
        other._child.kill()  # as the system does when it is short of memory
        other._child.wait()
        assert other.read("good", "", docx(WORRY), "", 1.0).text == WORRY
    finally:
        other.close()


def test_mail_without_documents_starts_no_process() -> None:
    code = (
        "import sys\nfrom riskscan.mail.parse import parse_message\n"
        "parse_message(b'From: a@b.example\\n\\nhello\\n')\n"
        "print([m for m in sys.modules if m.startswith('riskscan.mail.documents')"
        " and m.rpartition('.')[2] not in ('documents', 'document', 'kind')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
