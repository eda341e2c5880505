"""Columns that nobody knew, second columns, lists and mappings were dropped without a word."""

from __future__ import annotations

from pathlib import Path

from load_building import dat, edrm
from source_building import put, read

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message
from riskscan.sources import Item, Limits, NotRead


def events(path: Path, data: bytes, *mapping: tuple[str, str]) -> tuple[list[Item], list[NotRead]]:
    found = read(put(path, data), limits=Limits(columns=mapping))
    items = [e for e in found if isinstance(e, Item)]
    return items, [e for e in found if isinstance(e, NotRead)]


def addresses(message: Message) -> list[str]:
    return [a.address or a.name for a in (*message.to, *message.cc, *message.bcc)]


def test_names_of_more_vendors(tmp_path: Path) -> None:
    header = ["Production::Begin Bates", "Author/Sender", "MAIL_TO", "Subject/Title",
              "Primary Date", "Extracted Text", "Privilege Tag"]  # fmt: skip
    row = ["A1", "ada@quay.example", "bo@quay.example", "crates", "2024-07-05Z", "words", "AC"]
    (item,), (note,) = events(tmp_path / "v.dat", dat([header, row]).encode())
    message = parse_message(item.data)
    assert message.sender is not None and message.sender.address == "ada@quay.example"
    assert (message.subject, addresses(message)) == ("crates", ["bo@quay.example"])
    assert message.date is not None
    assert (note.lost, note.reason) == (False, "columns that are not read: Privilege Tag")


def test_a_load_file_of_unknown_columns_is_told_and_mapped(tmp_path: Path) -> None:
    rows = dat([["DOCID", "Wer", "Wann", "TEXT"], ["A1", "ada@quay.example", "2024-07-05Z", "x"]])
    _, (note,) = events(tmp_path / "v.dat", rows.encode())
    assert note.lost and "--map" in note.reason and "Wer, Wann" in note.reason
    (item,), told = events(tmp_path / "v.dat", rows.encode(), ("from", "Wer"), ("date", "Wann"))
    message = parse_message(item.data)
    assert message.sender is not None and message.date is not None and told == []
    assert message.body.strip() == "x"


def test_columns_and_tags_of_one_name_are_joined(tmp_path: Path) -> None:
    table = "From,To,To,Subject,Body\na@q.example,b@q.example,c@q.example,s,x\n"
    (item,), _ = events(tmp_path / "x.csv", table.encode())
    assert addresses(parse_message(item.data)) == ["b@q.example", "c@q.example"]
    tags = "".join(
        f'<Tag TagName="#{name}" TagValue="{value}"/>'
        for name, value in (("From", "a@q.example"), ("To", "b@q.example"), ("To", "c@q.example"))
    )
    (item,), _ = events(
        tmp_path / "x.xml", edrm(f'<Document DocID="1"><Tags>{tags}</Tags></Document>')
    )
    assert addresses(parse_message(item.data)) == ["b@q.example", "c@q.example"]


def test_lists_and_nothing_as_programs_write_them(tmp_path: Path) -> None:
    table = "From,To,Cc,Subject,Body\na@q.example,\"['b@q.example', 'c@q.example']\",nan,None,nan\n"
    (item,), _ = events(tmp_path / "x.csv", table.encode())
    message = parse_message(item.data)
    assert addresses(message) == ["b@q.example", "c@q.example"]
    assert (message.subject, message.body.strip()) == ("None", "nan")


def test_bodies_of_microsoft_graph(tmp_path: Path) -> None:
    line = (
        '{"subject": "s", "from": {"emailAddress": {"address": "a@q.example"}}, '
        '"body": {"contentType": "html", "content": "<p>graph <b>body</b></p>"}}'
    )
    (item,), _ = events(tmp_path / "x.jsonl", line.encode())
    assert parse_message(item.data).body.strip() == "graph body"


def test_natives_tags_and_custodians_inside_edrm_xml(tmp_path: Path) -> None:
    documents = (
        '<Document DocID="1"><Files><File FileType="Native"><InlineContent Encoding="base64">'
        "RnJvbTogYUBxLmV4YW1wbGUKU3ViamVjdDogcwoKaW5saW5lIHdvcmRz</InlineContent></File></Files>"
        "<Locations><Location><Custodian>Ada</Custodian></Location>"
        "<Location><Custodian>Bo</Custodian></Location></Locations></Document>"
        '<Document DocID="2"><Tags><Tag TagName="#From">b@q.example</Tag></Tags></Document>'
        '<Document DocID="3"><FieldValues><From>c@q.example</From></FieldValues></Document>'
        '<Document DocID="4"><Tags><Tag TagName="Wer" TagValue="d"/></Tags>'
        '<Files><File FileType="Text"><InlineContent>x</InlineContent></File></Files></Document>'
    )
    found, _ = events(tmp_path / "x.xml", edrm(documents))
    messages = [parse_message(item.data) for item in found]
    assert messages[0].body.strip() == "inline words"
    assert [m.sender.address if m.sender else "" for m in messages] == [
        "a@q.example", "b@q.example", "c@q.example", "",
    ]  # fmt: skip
    assert found[0].custodian == "Ada" and "Ada; Bo" in found[0].defects[-1]
    assert found[3].defects == ("no field of this document is known: Wer",)


def test_a_subject_is_no_thread_and_an_index_has_its_first_part(tmp_path: Path) -> None:
    index = "01D9A0B1C2" + "0123456789ABCDEF" * 2 + "AB"
    header = ["DOCID", "FROM", "SUBJECT", "TEXT", "CONVERSATION", "CONVERSATION INDEX"]
    rows = [
        ["1", "a@q.example", "Lunch", "x", "Lunch", ""],
        ["2", "a@q.example", "Re: Lunch", "y", "Lunch", index],
        ["3", "a@q.example", "Re: Lunch", "z", "Lunch", f"{index}0123456789"],
    ]
    found, _ = events(tmp_path / "v.dat", dat([header, *rows]).encode())
    assert [i.conversation for i in found] == ["", f"concordance:{index}", f"concordance:{index}"]


def test_addresses_as_vendors_write_them(tmp_path: Path) -> None:
    to = [
        "Ada </O=Q/OU=A/CN=RECIPIENTS/CN=ADA>", "SMTP:b@q.example", "Cy Roe/HQ/Q@Q",
        "Di <d@q.example>|e@q.example", "Fe [mailto:f@q.example]",
    ]  # fmt: skip
    header = ["DOCID", "FROM", "TO", "SUBJECT", "TEXT"]
    row = ["1", "A <a@q.example>; G <g@q.example>", "; ".join(to), "s", "x"]
    (item,), _ = events(tmp_path / "v.dat", dat([header, row]).encode())
    message = parse_message(item.data)
    assert {(a.name, a.address) for a in message.to} == {
        ("Ada", "/O=Q/OU=A/CN=RECIPIENTS/CN=ADA"), ("", "b@q.example"),
        ("Cy Roe", "Cy Roe/HQ/Q@Q"), ("Di", "d@q.example"), ("", "e@q.example"),
        ("Fe", "f@q.example"),
    }  # fmt: skip
    assert item.defects[-1] == "senders that the load file tells, too: g@q.example"


def test_a_column_of_all_recipients_beside_one_for_each_kind(tmp_path: Path) -> None:
    header = ["DOCID", "FROM", "TO", "CC", "RECIPIENTS", "SUBJECT", "TEXT"]
    rows = [
        ["1", "a@q.example", "Bo <bo@q.example>", "cy@q.example",
         "bo@q.example; Cy Roe <cy@q.example>; Zed <zed@q.example>", "s", "x"],
        ["2", "a@q.example", "", "cy@q.example", "bo@q.example, cy@q.example", "s", "y"],
        ["3", "a@q.example", "Roe, Bo", "", "Roe, Bo", "s", "z"],
    ]  # fmt: skip
    found, _ = events(tmp_path / "v.dat", dat([header, *rows]).encode())
    people = [parse_message(item.data) for item in found]
    assert [[a.address or a.name for a in m.to] for m in people] == [
        ["bo@q.example", "zed@q.example"], ["bo@q.example", "cy@q.example"], ["Roe, Bo"],
    ]  # fmt: skip
    assert [[a.address for a in m.cc] for m in people] == [["cy@q.example"]] * 2 + [[]]
