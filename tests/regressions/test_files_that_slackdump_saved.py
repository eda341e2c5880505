"""Files that slackdump saved in ``__uploads`` were listed as no mail, and not attached to posts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chat_building import said, slack_files, unpacked
from source_building import put, read, zipped

from riskscan.mail.parse import parse_message
from riskscan.sources import Event, Item, NotRead, discover

T = "1709370000.0001"
PLAN = {"id": "F01PLAN", "name": "plan.txt"}
POSTS = [
    said("see the plan", f"{T}01", files=[PLAN, {"id": "F0GONE", "name": "gone.pdf"}]),
    said("no file here", f"{T}02"),
    said("once more", f"{T}03", files=[PLAN]),
]
FILES = {
    **slack_files({"general/2024-03-02": POSTS, "Alpha/2024-03-02": [said("x", f"{T}09")]}),
    "__uploads/F01PLAN/plan.txt": b"the harbour is to be closed on Monday",
    "__uploads/F02LONE/lone.txt": b"nobody speaks of this one",
}


def export(folder: Path, form: str) -> Path:
    if form == "zip":
        return put(folder / "ferry.zip", zipped(FILES))
    return unpacked(folder / "ferry", FILES)


def shown(events: list[Event]) -> dict[str, list[tuple[str, str]]]:
    found = {}
    for event in events:
        if isinstance(event, Item):
            mail = parse_message(event.data)
            found[mail.body.split("\n")[0].strip()] = [(a.name, a.text) for a in mail.attachments]
    return found


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_they_are_attached_to_the_posts_that_name_them(tmp_path: Path, form: str) -> None:
    events = read(export(tmp_path, form))
    plan = [("plan.txt", "the harbour is to be closed on Monday")]
    assert shown(events) == {"see the plan": plan, "no file here": [], "once more": plan, "x": []}
    told = {e.source: e.reason for e in events if isinstance(e, NotRead) and "__up" in e.source}
    (lone,) = [reason for source, reason in told.items() if source.endswith("lone.txt")]
    (attached,) = [reason for source, reason in told.items() if source.endswith("plan.txt")]
    assert attached == "attached to a post of the chat beside it"
    assert lone != attached


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_a_scan_that_goes_on_tells_the_same(tmp_path: Path, form: str) -> None:
    units = [u for u in discover([export(tmp_path, form)]) if not isinstance(u, NotRead)]
    for unit in units:
        whole = list(unit.events())
        for skip in range(len(whole)):
            assert list(unit.events(skip)) == whole[skip:]


def test_a_file_that_everybody_names_is_not_read_for_each(tmp_path: Path) -> None:
    posts = [said(f"post {n}", f"{T}{n:02}", files=[PLAN]) for n in range(40)]
    day = json.dumps(posts).encode()
    events = read(put(tmp_path / "f.zip", zipped({**FILES, "general/2024-03-02.json": day})))
    found = shown(events)
    assert sum(bool(files) for files in found.values()) == 20
    said_of = [d for e in events if isinstance(e, Item) for d in e.defects]
    mails = [parse_message(e.data) for e in events if isinstance(e, Item)]
    told = [d for m in mails for d in m.defects] + said_of
    assert sum("attached to 20 posts before" in d for d in told) == 20


@pytest.mark.parametrize("link", ["plan.txt", "F01PLAN", "__uploads"])
def test_no_link_is_followed(tmp_path: Path, link: str) -> None:
    top = export(tmp_path, "folder")
    (place,) = top.rglob(link)
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    assert shown(read(top))["see the plan"] == []
