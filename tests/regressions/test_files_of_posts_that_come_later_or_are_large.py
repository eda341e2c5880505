"""Files that chat posts name were lost in silence: added after a scan, too large, or twice there.

The hash of a unit did not know of them, and the walk told them to be attached to a post.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from riskscan.scanning import run_scan
from riskscan.sources import Item, Limits, NotRead, Unit, discover

DAY = "general/2024-01-01.json"


def post(number: int, *ids: str) -> dict[str, object]:
    return {
        "type": "message", "user": "U1", "text": f"the lots {number}",
        "ts": f"17040672{number:02}.000100", "files": [{"id": i, "name": "a.txt"} for i in ids],
    }  # fmt: skip


def slack(folder: Path, *posts: dict[str, object]) -> Path:
    (folder / "general").mkdir(parents=True)
    (folder / "users.json").write_text(json.dumps([{"id": "U1", "real_name": "Nora Quill"}]))
    (folder / "channels.json").write_text(json.dumps([{"id": "C01234567", "name": "general"}]))
    (folder / DAY).write_text(json.dumps(posts))
    return folder


def channel(folder: Path, limits: Limits | None = None) -> Unit:
    (found,) = [
        u for u in discover([folder], limits)
        if not isinstance(u, NotRead) and u.path.name == "general"
    ]  # fmt: skip
    return found


def save(folder: Path, identity: str, name: str, data: bytes) -> None:
    (folder / "__uploads" / identity).mkdir(parents=True, exist_ok=True)
    (folder / "__uploads" / identity / name).write_bytes(data)


def whatsapp(folder: Path, photo: bool) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "_chat.txt").write_text(
        "[13/02/2024, 09:00:00] Nora: on Thursday\n"
        "[13/02/2024, 09:01:00] Ben: \u200e<attached: 00000014-DOC-2024.txt>\n"
        "[13/02/2024, 09:02:00] Nora: thanks\n"
    )
    if photo:
        (folder / "00000014-DOC-2024.txt").write_text("keep the lots quiet")
    return folder


@pytest.mark.parametrize("mended", [False, True])
def test_an_upload_that_came_or_changed_later_is_read(tmp_path: Path, mended: bool) -> None:
    folder = slack(tmp_path / "in", post(1, "F1"), post(2))
    if mended:
        save(folder, "F1", "deck.txt", b"first words")
    run_scan([folder], tmp_path / "case", entities="none")
    save(folder, "F1", "deck.txt", b"keep the lots quiet")
    summary = run_scan([folder], tmp_path / "case", entities="none")
    assert summary.read
    again = run_scan([folder], tmp_path / "case", entities="none")
    assert not again.read
    unit = channel(folder)
    assert unit.digest()[1] == unit.size


def test_without_uploads_the_hash_is_that_of_the_days(tmp_path: Path) -> None:
    folder = slack(tmp_path / "in", post(1, "F1"))
    unit = channel(folder)
    before = unit.digest()
    save(folder, "F9", "other.txt", b"of no post")
    assert unit.digest() == before


def test_a_photo_that_came_later_changes_the_chat(tmp_path: Path) -> None:
    def hashed() -> tuple[str, int]:
        (unit,) = [u for u in discover([tmp_path]) if not isinstance(u, NotRead)]
        return unit.digest()

    whatsapp(tmp_path / "chat", photo=False)
    bare = hashed()
    whatsapp(tmp_path / "chat", photo=True)
    assert hashed()[0] != bare[0]
    assert hashed()[1] == bare[1]


def test_a_file_too_large_for_a_post_is_listed_and_told(tmp_path: Path) -> None:
    folder = slack(tmp_path / "in", post(1, "F1"), post(2))
    save(folder, "F1", "deck.bin", b"x" * 5000)
    unit = channel(folder, Limits(message=4000))
    large, other = [e for e in unit.events() if isinstance(e, Item)]
    assert "'deck.bin' cannot be read: it is larger than" in large.lost
    assert b"deck.bin" in large.data
    assert not other.lost


def test_the_files_of_a_post_are_bounded_together(tmp_path: Path) -> None:
    folder = slack(tmp_path / "in", post(1, *(f"F{n}" for n in range(20))))
    for number in range(20):
        save(folder, f"F{number}", f"{number}.bin", b"x" * 1000)
    unit = channel(folder, Limits(message=4500))
    (one,) = [e for e in unit.events() if isinstance(e, Item)]
    assert len(one.data) < 20_000
    assert [d for d in one.defects if "cannot be read" in d][15:] != []
    assert one.lost.endswith("; and 15 more")


def test_of_two_members_of_one_name_none_is_told_to_be_attached(tmp_path: Path) -> None:
    folder = slack(tmp_path / "made", post(1, "F1"))
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        for file in sorted(folder.rglob("*.json")):
            archive.write(file, file.relative_to(folder).as_posix())
        archive.writestr("__uploads/F1/a.txt", b"first words")
        archive.writestr("__uploads/F1/a.txt", b"second words")
    (unit,) = [u for u in discover([packed]) if not isinstance(u, NotRead)]
    told = [e.reason for e in unit.events() if isinstance(e, NotRead) and "__uploads" in e.source]
    assert len(told) == 2
    assert not any("attached to a post" in reason for reason in told)


def bomb(size: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(
                "a.eml", b"Subject: lots\n\n" + b"the same line again\n" * (size // 20)
            )
            archive.writestr("z.eml", b"From: nora@quayside.example\nSubject: z\n\nHello.\n")

    return make


@pytest.mark.parametrize(("size", "whole"), [(700_000, True), (1_400_000, False)])
def test_a_member_may_unpack_to_what_a_file_may(tmp_path: Path, size: int, whole: bool) -> None:
    bomb(size)(tmp_path / "a.zip")
    (unit,) = discover([tmp_path / "a.zip"], Limits(ratio=20, ratio_from=1_000_000))
    assert not isinstance(unit, NotRead)
    found = list(unit.events())
    assert [isinstance(e, Item) for e in found] == [whole, True]
