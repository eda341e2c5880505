"""Mail out as mbox and .eml: what is written is read again byte for byte."""

from __future__ import annotations

import email
import mailbox
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from production_building import BOX, contents, make_case, reread
from scan_building import mail

from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.export.mailbox import mbox_entry, safe_name, write_mbox, write_tree
from riskscan.export.production import ProductionError
from riskscan.sources import Item, NotRead, discover


def raw(export: Path) -> list[bytes]:
    out = []
    for unit in discover([export]):
        assert not isinstance(unit, NotRead), unit
        for event in unit.events():
            assert isinstance(event, Item), event
            out.append(event.data)
    return out


@pytest.mark.parametrize("name", ["out.mbox", "out"])
def test_what_is_written_is_read_again_unchanged(tmp_path: Path, name: str) -> None:
    case = make_case(tmp_path)
    with Case(case) as opened:
        written = (write_mbox if name == "out.mbox" else write_tree)(
            opened, tmp_path / name, Selection()
        )
    assert (written.messages, written.composed, written.altered) == (4, 0, 0)
    assert sorted(raw(tmp_path / name))[:-1] == sorted([*BOX, raw(tmp_path / name)[-1]])[:-1]
    assert contents(reread(tmp_path / name, tmp_path / "again")) == contents(case)


def test_other_programs_find_headers_and_attachments_whole(tmp_path: Path) -> None:
    case = make_case(tmp_path)
    with Case(case) as opened:
        write_mbox(opened, tmp_path / "out.mbox", Selection())
        write_tree(opened, tmp_path / "out", Selection())
    box = mailbox.mbox(tmp_path / "out.mbox")
    loose = sorted((tmp_path / "out").rglob("*.eml"))
    for found in ([box.get_bytes(key) for key, _ in box.items()], [f.read_bytes() for f in loose]):
        messages = [email.message_from_bytes(data) for data in found]
        assert {m["Message-ID"] for m in messages} == {
            f"<{n}@quayside.example>" for n in (1, 2, 3, 5)
        }
        (report,) = (m for m in messages if m["Message-ID"] == "<2@quayside.example>")
        assert report["Cc"] == "Lee Moss <lee@quayside.example>"
        files = {p.get_filename(): p.get_payload(decode=True) for p in report.walk()}
        assert files["plan; one.txt"] == b"the plan" and files["b.txt"] == b"second"
        assert files["deep.txt"] == b"deep"


def test_an_eml_tree_keeps_custodian_and_folder(tmp_path: Path) -> None:
    case = make_case(tmp_path)
    with Case(case) as opened:
        write_tree(opened, tmp_path / "out", Selection(custodians=("bo",)))
        with pytest.raises(ProductionError):
            write_tree(opened, tmp_path / "out", Selection())
    found = sorted(
        p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.eml")
    )
    assert len(found) == 2
    assert found[1].startswith("bo/Sent/")


@pytest.mark.parametrize(
    ("name", "safe"),
    [("..", ""), ("../../etc", "_.._etc"), ("a/b\\c:d", "a_b_c_d"), ("CON.txt", "_CON.txt"),
     ("x. ", "x"), ("\u202etxt", "_txt"), ("é" * 200, "é" * 50)],
)  # fmt: skip
def test_names_lead_nowhere(name: str, safe: str) -> None:
    assert safe_name(name) == safe


LINES = st.lists(
    st.sampled_from(["", "From ", "From a@b.example Mon Jan  6 09:15:00 2020", ">From x", ">>From ",
                     "Subject: x", " ", "text", "--edge", "\r", "Content-Length: 3"])
    | st.text(max_size=5)
)  # fmt: skip


@given(st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r\n"])), min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_bodies_come_back_from_an_mbox(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[tuple[list[str], str]]
) -> None:
    messages = []
    for number, (lines, eol) in enumerate(bodies, 1):
        text = mail(number, "").decode() + "\n".join([*lines, "end"]) + "\n"
        messages.append(text.replace("\n", eol).encode("utf-8", "replace"))
    file = tmp_path_factory.getbasetemp() / "out.mbox"
    file.write_bytes(b"".join(mbox_entry(m, "a@b.example", None) for m in messages))
    assert raw(file) == messages
