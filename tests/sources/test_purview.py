"""Microsoft 365 (Purview eDiscovery) exports: what their lists claim, and what is a companion."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from export_building import FIELDS, MAILS, load_file, papers, told
from hypothesis import given, settings
from hypothesis import strategies as st
from source_building import mail, put, read, zipped

from riskscan.sources import Claim, Item, NotRead, discover
from riskscan.sources.names import Container, Origin, pst_custodian


def about(folder: str) -> list[tuple[str, str, str]]:
    """What the load file claims, when it lies in ``folder``."""
    out = []
    for path, data in MAILS.items():
        name = path.rpartition("/")[2].removesuffix(".eml")
        out += [
            ("message id", folder.removesuffix("/"), f"<{name}@ferry.example>"),
            ("bytes", f"{folder}{path}", str(len(data))),
            ("md5", f"{folder}{path}", hashlib.md5(data).hexdigest()),
            ("sha256", f"{folder}{path}", hashlib.sha256(data).hexdigest()),
        ]
    return out


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "utf-16"])
def test_a_load_file_claims_each_message(tmp_path: Path, encoding: str) -> None:
    for path, data in MAILS.items():
        put(tmp_path / "m" / path, data)
    put(tmp_path / "m" / "Export_load_file_1.csv", load_file(encoding))
    events = read(tmp_path / "m")
    assert told(events) == about("m/")
    (paper,) = papers(events)
    assert (paper.lost, paper.reason) == (False, "Microsoft 365's list of 4 items")
    # The claims name what is there.
    places = {f"{e.source}/{e.place}" for e in events if isinstance(e, Item)}
    assert {c[1] for c in told(events) if c[0] == "bytes"} == places


def test_a_load_file_inside_a_zip(tmp_path: Path) -> None:
    data = zipped({**MAILS, "Export_load_file_1.csv": load_file()})
    put(tmp_path / "m" / "export.zip", data)
    claims = told(read(tmp_path / "m"))
    assert [c for c in claims if c[0] != "message id"] == [
        c for c in about("m/export.zip!/") if c[0] != "message id"
    ]
    assert ("message id", "m/export.zip!/", "<one@ferry.example>") in claims


def test_reports_in_an_archive_of_their_own_speak_of_the_folder_around(tmp_path: Path) -> None:
    put(tmp_path / "m" / "Items.1.001.zip", zipped(MAILS))
    put(tmp_path / "m" / "Reports-Case7.zip", zipped({"Items_1.csv": load_file()}))
    assert told(read(tmp_path / "m")) == [
        ("message id", "m", f"<{name}@ferry.example>") for name in ("one", "two", "three")
    ]


def test_reports_in_a_folder_of_their_own_speak_of_the_one_around(tmp_path: Path) -> None:
    put(tmp_path / "m" / "Reports" / "Items_1.csv", load_file())
    assert told(read(tmp_path / "m")) == about("m/")


def test_items_of_todays_portal_name_the_archive_that_holds_them(tmp_path: Path) -> None:
    put(
        tmp_path / "m" / "Items.1.001.Seven.zip",
        zipped({f"Exchange/{n}": d for n, d in MAILS.items()}),
    )
    path = "Items.1.001.Seven.zip\\Exchange\\NativeFiles\\ada@ferry.example\\Inbox\\"
    rows = [
        "Workload,Item class,Type,Target path,Subject/Title",
        f"Exchange,IPM.Note,Message,{path}one.eml,one",
        f"Exchange,,Attachment,{path}one.eml,berth.pdf",
        f"Exchange,IPM.Contact,Contact,{path}Ada.msg,Ada",
        f"Exchange,IPM.Note,Message,{path}two.eml,two",
        "Exchange,IPM.Note,Message,PSTs.001.Seven.zip\\bo.pst\\Top\\Sent,three",
    ]
    table = "\r\n".join(rows).encode("utf-8-sig")
    folder = "m/Items.1.001.Seven.zip!/Exchange/NativeFiles/ada@ferry.example/Inbox/"
    expected = [
        *(("file", f"{folder}{name}", "") for name in ("one.eml", "Ada.msg", "two.eml")),
        ("items", "m/PSTs.001.Seven.zip!/bo.pst", "1"),
    ]
    put(tmp_path / "m" / "Reports-Seven-2026.zip", zipped({"Items_0.csv": table}))
    assert told(read(tmp_path / "m")) == expected
    (tmp_path / "m" / "Reports-Seven-2026.zip").unlink()
    put(tmp_path / "m" / "Reports-Seven-2026" / "Items_0.csv", table)
    assert told(read(tmp_path / "m")) == expected


@pytest.mark.parametrize(
    ("place", "folder"),
    [
        ("Exchange/ada@ferry.example (Primary)/Top of Information Store/Inbox", "Inbox"),
        ("NativeFiles/ada@ferry.example/Inbox/Tides", "Inbox/Tides"),
        ("Exchange/ada@ferry.example.001/Sent Items", "Sent Items"),
    ],
)
def test_the_mailbox_is_the_custodian(tmp_path: Path, place: str, folder: str) -> None:
    put(tmp_path / "m" / place / "1.eml", mail("one"))
    put(tmp_path / "n" / "Items.1.001.Seven.zip", zipped({f"{place}/1.eml": mail("one")}))
    for export in ("m", "n"):
        (found,) = [e for e in read(tmp_path / export) if isinstance(e, Item)]
        assert (found.custodian, found.folder) == ("ada@ferry.example", folder)


def test_a_data_file_is_named_after_the_mailbox() -> None:
    for name in ("ada@ferry.example.001.pst", "ada@ferry.example (Archive).pst"):
        origin = Origin((Container("m", ("Exchange",)),), name)
        assert pst_custodian(origin) == "ada@ferry.example"


def test_teams_posts_among_messages_are_chat(tmp_path: Path) -> None:
    put(tmp_path / "ada" / "Inbox" / "1.eml", mail("one"))
    put(tmp_path / "ada" / "TeamsMessagesData" / "2.eml", mail("two"))
    found = {e.place: e.medium for e in read(tmp_path / "ada") if isinstance(e, Item)}
    assert found == {"1.eml": "mail", "2.eml": "chat"}


RESULTS = (
    "Item Identity,Selected,Duplicate to Item,Original Path,Location,Location Name,Target Path,"
    "Subject or Title,Size\r\n"
    "1,True,,x,Exchange,ada@ferry.example,Exchange\\ada.pst\\Top\\Inbox,a,9\r\n"
    "2,True,,x,Exchange,ada@ferry.example,Exchange\\ada.pst\\Top\\Sent,b,9\r\n"
    "3,True,1,x,Exchange,bo@ferry.example,Exchange\\bo.pst\\Top\\Sent,b,9\r\n"
    "4,True,,x,Exchange,bo@ferry.example,Exchange\\bo.pst\\Top\\Sent,c,9\r\n"
    "5,True,,x,SharePoint,https://x,SharePoint\\a.docx,c,9\r\n"
)


def test_results_of_a_search_count_the_items_of_each_store(tmp_path: Path) -> None:
    put(tmp_path / "m" / "Results.csv", RESULTS.encode("utf-8-sig"))
    events = read(tmp_path / "m")
    assert told(events) == [
        ("file", "m/SharePoint/a.docx", ""),
        ("items", "m/Exchange/ada.pst", "2"),
        ("items", "m/Exchange/bo.pst", "1"),
    ]
    assert [p.lost for p in papers(events)] == [False, False]


def test_a_manifest_claims_files(tmp_path: Path) -> None:
    name = "NativeFiles/ada@ferry.example/Inbox/one.eml"
    folder, _, file = name.rpartition("/")
    sha1 = hashlib.sha1(MAILS[name]).hexdigest()
    xml = (
        '<?xml version="1.0" encoding="utf-8"?><Root MajorVersion="1"><Batch><Documents>'
        '<Document DocID="1" DocType="Message"><Tags><Tag TagName="#MessageID" '
        'TagValue="one@ferry.example"/></Tags><Files><File FileType="Native">'
        f'<ExternalFile FilePath="{folder}" FileName="{file}" FileSize="7" Hash="{sha1}"/>'
        "</File></Files></Document></Documents></Batch></Root>"
    )
    put(tmp_path / "m" / name, MAILS[name])
    put(tmp_path / "m" / "manifest.xml", xml.encode())
    assert told(read(tmp_path / "m")) == [
        ("message id", "m", "<one@ferry.example>"),
        ("bytes", f"m/{name}", "7"),
        ("sha1", f"m/{name}", sha1),
    ]


REPORTS = {
    "Export Summary.csv": "Name,Value\r\nStarted,2024\r\n",
    "Unindexed Items.csv": "Item Identity,Error Tags,Target Path\r\n1,y,E\\a.pst\r\n",
    "Settings.csv": "Process name,Case name\r\nExport,Seven\r\n",
    "Trace.log": "2024-03-01 10:00:00 started\r\n",
}


def test_reports_are_companions(tmp_path: Path) -> None:
    for name, text in REPORTS.items():
        put(tmp_path / "m" / name, text.encode("utf-8-sig"))
    events = read(tmp_path / "m")
    assert told(events) == []
    assert sorted(p.source for p in papers(events)) == sorted(f"m/{name}" for name in REPORTS)
    assert not any(p.lost for p in papers(events))


def test_tables_of_others_are_no_papers(tmp_path: Path) -> None:
    put(tmp_path / "m" / "summary.csv", b"ship,berth\nTern,4\n")
    put(tmp_path / "m" / "items.csv", b"ship,target\nTern,4\n")
    assert [p.lost for p in papers(read(tmp_path / "m"))] == [True, True]


def test_reading_goes_on_at_any_event(tmp_path: Path) -> None:
    put(tmp_path / "m" / "a.zip", zipped({**MAILS, "Export_load_file_1.csv": load_file()}))
    (unit,) = discover([tmp_path / "m"])
    assert not isinstance(unit, NotRead)
    whole = list(unit.events())
    for skip in range(len(whole) + 1):
        assert list(unit.events(skip)) == whole[skip:]


def test_sizes_and_hashes_that_are_none_are_not_claimed(tmp_path: Path) -> None:
    rows = [
        ("x.eml", "twelve", "no hash", "0" * 63 + "g"),
        ("y.eml", "-1", "", "0" * 10),
        ("../../z.eml", "9" * 400, "", ""),
    ]
    text = "File_class,Native_MD5,Native_SHA_256,Native_size,Export_native_path\n" + "".join(
        f"Email,{md5},{sha},{size},{path}\n" for path, size, md5, sha in rows
    )
    put(tmp_path / "m" / "Export_load_file.csv", text.encode())
    claims = told(read(tmp_path / "m"))
    assert {c[0] for c in claims} == {"file"}


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_may_follow_a_header(tmp_path_factory: pytest.TempPathFactory, tail: str) -> None:
    folder = tmp_path_factory.mktemp("m")
    put(folder / "Export_load_file_1.csv", f"{FIELDS}\n{tail}".encode("utf-8", "replace"))
    put(folder / "Results.csv", f"{RESULTS}{tail}".encode("utf-16", "replace"))
    for event in read(folder):
        assert isinstance(event, Claim | NotRead)
