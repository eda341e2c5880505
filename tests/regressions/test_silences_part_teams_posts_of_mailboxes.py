"""Teams posts in a PST or as .msg or .eml were grouped by day alone, whatever silence lay between.

They lie in any order, in several mailboxes, and a later scan may bring the post in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from msg_building import TAGS, Message, message, person
from pst_building import Folder, write_pst
from source_building import put

from riskscan.case.read import Case
from riskscan.case.store import open_case
from riskscan.engine import Engine
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent

ROOM = "X-Thread: 19:0a1b2c@thread.tacv2\r\n\r\n"


def post(at: str, who: str = "Ada", to: Sequence[str] = ("Bo",), headers: str = "") -> Message:
    """A post at a time of 4 March 2021 as ``9:05``, or of another day as ``5 9:05``."""
    day, _, clock = at.rpartition(" ")
    hour, minute = map(int, clock.split(":"))
    made = message(
        message_class="IPM.SkypeTeams.Message",
        sender=who,
        sender_address=f"{who.lower()}@ferry.example",
        sent=datetime(2021, 3, int(day or 4), hour, minute, tzinfo=UTC),
        recipients=[person(name, f"{name.lower()}@ferry.example") for name in to],
        body=at,
    )
    return Message(made.properties | ({TAGS["headers"]: headers} if headers else {}),
                   made.recipients)  # fmt: skip


def scanned(case: Path, *scans: Path | Sequence[Path], workers: int = 0) -> dict[str, str]:
    """The thread of each post, by what it says."""
    for one in scans:
        with open_case(case) as store, Engine(workers) as engine:
            exports = [one] if isinstance(one, Path) else list(one)
            ingest(store, engine, exports, None, Silent(), Limits())
    with Case(case) as opened:
        return {r["body"].strip(): r["thread_id"] for r in opened.records()}


def eml(at: str, who: str = "ada", to: str = "bo") -> bytes:
    return (
        f"From: {who}@ferry.example\nTo: {to}@ferry.example\nSubject: IM\n"
        f"Date: Thu, 4 Mar 2021 {at}:00 +0000\nMessage-ID: <{at.replace(':', '.')}@x.example>\n"
        f"\n{at}\n"
    ).encode()


def conversations(found: dict[str, str]) -> set[frozenset[str]]:
    return {frozenset(k for k, v in found.items() if v == t) for t in found.values()}


def box(path: Path, *times: str, **more: str) -> Path:
    return put(path, write_pst([Folder("Team Chat", [post(t, **more) for t in times])]))


def told(*groups: str) -> set[frozenset[str]]:
    return {frozenset(group.split(", ")) for group in groups}


def test_a_silence_parts_posts_in_any_order(tmp_path: Path) -> None:
    times = ("12:15", "9:00", "12:00", "10:00", "5 0:10", "11:01", "23:50")
    found = scanned(tmp_path / "case", box(tmp_path / "ada.pst", *times))
    assert conversations(found) == told("9:00, 10:00", "11:01, 12:00, 12:15", "23:50", "5 0:10")


def test_two_mailboxes_are_one_room_whatever_the_order_of_scans(tmp_path: Path) -> None:
    ada = box(tmp_path / "ada.pst", "9:00", "11:30")
    bo = put(tmp_path / "bo.pst", write_pst([Folder("Team Chat", [
        post("12:20", "Bo", ["Ada"]), post("9:40", "Bo", ["Ada"]), post("9:00"),
    ])]))  # fmt: skip
    between = put(tmp_path / "cy" / "TeamsMessagesData" / "1.eml", eml("10:35")).parent.parent
    first = scanned(tmp_path / "first", ada, bo)
    assert conversations(first) == told("9:00, 9:40", "11:30, 12:20")
    first = scanned(tmp_path / "first", between)
    assert conversations(first) == told("9:00, 9:40, 10:35, 11:30, 12:20")
    assert first == scanned(tmp_path / "second", between, bo, ada)


def test_posts_of_a_channel_are_parted_whoever_writes(tmp_path: Path) -> None:
    posts = [post("12:00", "Cy", ["Pier"], ROOM), post("9:30", "Bo", ["Pier"], ROOM),
             post("9:00", headers=ROOM), post("9:10")]  # fmt: skip
    path = put(tmp_path / "team.pst", write_pst([Folder("Team Chat", posts)]))
    found = scanned(tmp_path / "case", path)
    assert conversations(found) == told("9:00, 9:30", "12:00", "9:10")


def test_posts_saved_as_eml_are_grouped_with_those_of_a_pst(tmp_path: Path) -> None:
    folder = tmp_path / "bo" / "TeamsMessagesData"
    put(folder / "1.eml", eml("12:00"))
    put(folder / "2.eml", eml("09:50", "bo", "ada"))
    put(folder / "3.eml", eml("09:55", "cy", "ada"))
    exports = [box(tmp_path / "ada.pst", "9:00"), tmp_path / "bo"]
    found = scanned(tmp_path / "case", exports)
    assert conversations(found) == told("9:00, 09:50", "12:00", "09:55")
