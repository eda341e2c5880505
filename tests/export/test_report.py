"""What the report says of a case: figures, filters, limits, and the case without a finding."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from report_cases import build, finding, message
from report_page import Page, spaced

from riskscan.case.store import CaseError, Finding, Outcome, Parsed, Unread, open_case
from riskscan.export import report
from riskscan.export.report import write_report
from riskscan.mail.message import Address, Attachment, Role, Segment

WORDS = "Keep the Halcyon payment off the books."


def _written(case: Path) -> Page:
    page = Page(write_report(case, case / "report.html"))
    page.check()
    return page


def test_a_case_without_a_flag_is_told_kindly(tmp_path: Path) -> None:
    build(tmp_path / "case", [message(i, "Lunch at noon?") for i in range(1, 4)], {})
    page = _written(tmp_path / "case")
    assert "3 messages were read, and none reached the score" in page.words
    assert "The highest score of any message is 0.05; one is flagged from 0.30" in page.words
    assert "does not prove" in page.words
    assert not page.all("article") and not page.all(".ranked")


def test_a_case_without_a_message_is_told(tmp_path: Path) -> None:
    build(tmp_path / "case", [], {})
    assert "No message could be read" in _written(tmp_path / "case").words


def test_a_folder_without_a_case_is_refused_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(CaseError):
        write_report(tmp_path, tmp_path / "report.html")
    assert not list(tmp_path.iterdir())


def test_links_of_the_figures_narrow_the_table(tmp_path: Path) -> None:
    messages = [message(i, WORDS) for i in range(1, 7)]
    messages[5].sender = Address("Cy Holt", "cy@north.example")
    messages[4].sender = Address("Ada Quill", "ADA@north.example")
    signals = ["concealment", "concealment", "threat", "concealment", "threat"]
    findings = {i + 1: [finding(WORDS, WORDS, s)] for i, s in enumerate(signals)}
    build(tmp_path / "case", messages, findings)
    page = _written(tmp_path / "case")
    style = page.one("style").text()

    def narrowed(heading: str) -> dict[str, int]:
        counted = {}
        for link in page.all(f"#{heading} ~ .bars a"):
            anchor = str(link.attributes["href"]).removeprefix("#only-")
            assert f"#only-{anchor}:target~.ranked tbody tr:not(.{anchor})" in style
            counted[spaced(link)] = len(page.all(f".ranked tbody tr.{anchor}"))
        return counted

    assert narrowed("senders") == {"Ada Quill": 5}
    assert narrowed("custodians") == {"ada": 5}
    assert narrowed("signals") == {"Concealment": 3, "Threat": 2, "ada": 5}
    bars = page.all(".panel.flagged a")
    assert (
        sum(
            len(page.all(f".ranked tbody tr.{str(b.attributes['href']).removeprefix('#only-')}"))
            for b in bars
        )
        == 5
    )
    assert "Only messages with the signal “Threat”: 2." in page.words


def test_more_than_can_be_shown_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "FULL_MESSAGES", 3)
    build(
        tmp_path / "case",
        [message(i, WORDS) for i in range(1, 8)],
        {i: [finding(WORDS, WORDS)] for i in range(1, 8)},
    )
    with open_case(tmp_path / "case") as store:
        store.set_threads((i, "one") for i in range(1, 8))
    page = _written(tmp_path / "case")
    assert "The 3 highest of 7 flagged messages" in page.words and "4 more" in page.words
    assert "riskscan export CASE --to flagged.xlsx --flagged" in page.words
    assert len(page.all("article")) == len(page.all(".ranked tbody tr")) == 3
    assert "flagged, beyond those shown" in spaced(page.section(1))
    assert "Only messages from Ada Quill: 3 of 7, the others are beyond this list" in page.words


def test_a_huge_body_is_cut_around_its_findings(tmp_path: Path) -> None:
    body = "first words\n" + "filler <&> " * 500_000 + WORDS + " \u202e\x1b" * 500_000
    build(tmp_path / "case", [message(1, body)], {1: [finding(body, WORDS)]})
    page = _written(tmp_path / "case")
    section = page.section(1)
    assert [m.text() for m in section.css("mark")] == [WORDS]
    assert len(page.source) < 200_000
    told = spaced(section)
    assert "first words" in told
    left_out = [int(n.replace(",", "")) for n in re.findall(r"\[… ([\d,]+) characters", told)]
    shown = sum(len(n.text()) for n in section.css(".mail"))
    assert len(left_out) == 2 and sum(left_out) < len(body) < sum(left_out) + shown + 10
    link = section.css_first(".why a")
    assert link is not None and page.one(f"mark{link.attributes['href']}").text() == WORDS


def test_the_file_stays_below_25_million_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every field as long as it may be shown, of characters that take the most room.
    worst = "\u202e" * 40_000
    person = Address(worst[:400], worst[:399])
    files = [Attachment(worst[:500], "text/plain", 9, "a" * 64, worst) for _ in range(50)]
    many = 8
    messages = [
        message(
            i, WORDS + worst, subject=worst[:900] + str(i), sender=person, to=[person] * 90,
            cc=[person] * 90, attachments=files, date_header=worst[:300],
        )
        for i in range(1, many + 1)
    ]  # fmt: skip
    found = [finding(WORDS + worst, WORDS)]
    found += [Finding("attachment", i, 0, 9_000, worst[:9_000], "threat", 0.8) for i in range(50)]
    build(tmp_path / "case", messages, {i: found for i in range(1, many + 1)})
    monkeypatch.setattr(report, "_FULL_BYTES", 1)
    page = _written(tmp_path / "case")
    full, *brief = (len((a.html or "").encode()) for a in page.all("article"))
    rows = max(len((row.html or "").encode()) for row in page.all(".ranked tbody tr"))
    monkeypatch.undo()
    listed = report.FULL_MESSAGES * (max(brief) + rows)
    assert report._FULL_BYTES + full + listed + 4_000_000 < 25_000_000
    outline = page.section(many)
    assert WORDS in spaced(outline) and f"riskscan show CASE {many}" in spaced(outline)
    assert "and 48 further findings" in spaced(outline)
    assert not outline.css(".mail") and page.section(1).css(".mail mark")


def test_thousands_of_unread_files_are_counted_and_cut(tmp_path: Path) -> None:
    lost = [
        Unread("not read", "", f"unknown <format> {i % 2}", i, f"{i:064}", f"attic/{i:05}.dat")
        for i in range(3_000)
    ]
    lost += [Unread("quarantined", "offset 9", "no headers", 5, "c" * 64, "box.mbox")]
    lost += [Unread("companion", "", "an index", 5, f"d{i}", f"box{i}.idx") for i in range(4)]
    build(tmp_path / "case", [message(1, "Lunch?")], {}, unread=lost)
    page = _written(tmp_path / "case")
    assert "2 messages found = 1 stored + 0 duplicates + 1 quarantined" in page.words
    assert "1 message was quarantined" in page.words
    assert "3,000 files or parts of them were not read" in page.words
    assert "unknown <format> 0 (not read)1,500" in page.words
    assert "no headers (quarantined)1" in page.words
    assert len(page.all(".lost li")) == 300 and "and 2,701 more" in page.words
    assert "box.mbox, offset 9" in spaced(page.all(".lost li")[0])
    assert "4 companion files left alone" in page.words


def test_a_long_manifest_is_cut_but_never_hides_a_fault(tmp_path: Path) -> None:
    case = tmp_path / "case"
    with open_case(case) as store:
        unit, _, _ = store.unit("/exports", "/exports", "tree", 5, "e" * 64)
        store.add_batch(
            unit,
            [
                Outcome(f"tree/{i:03}", "tree", "ada", Unread("quarantined", "1", "x", 5, "f", "s"))
                if i == 449
                else Outcome(f"tree/{i:03}", "tree", "ada", Parsed("1", "", "b", 9, message(i, "")))
                for i in range(450)
            ],
        )
        store.finish_unit(unit, "e" * 64)
    page = _written(case)
    named = [spaced(row) for row in page.all(".manifest tbody th")]
    assert named[0] == "tree/000" and named[-2:] == ["tree/399", "tree/449"]
    assert "49 more sources are counted in the total" in page.words
    totals = [spaced(cell) for cell in page.all(".manifest tfoot tr > *")]
    assert totals == ["All 450 sources", "450", "449", "0", "1"]


def test_the_manifest_tells_a_change_and_a_differing_duplicate(tmp_path: Path) -> None:
    case = tmp_path / "case"
    build(case, [message(1, WORDS)], {1: [finding(WORDS, WORDS)]})
    with open_case(case) as store:
        unit, _, _ = store.unit("/exports/two.mbox", "/exports/two.mbox", "mbox", 5, "e" * 64)
        other = message(1, WORDS, content_hash="differs")
        parsed = Parsed("offset 77", "", "b" * 64, 9, other)
        store.add_batch(unit, [Outcome("two.mbox", "mboxo", "bo", parsed)])
        store.finish_unit(unit, "f" * 64)
        store.unit("/exports/three.mbox", "/exports/three.mbox", "mbox", 5, "9" * 64)
    page = _written(case)
    bars = [spaced(row) for row in page.all("#custodians ~ .bars tr")]
    assert bars == ["ada 1 of 1", "bo 1 of 1"], "a message counts for all who hold it"
    assert "An export changed while it was read" in page.words
    assert f"before {'e' * 64}after {'f' * 64}" in page.words
    assert (
        "1 duplicate bears the Message-ID, subject, text and attachments of a stored message"
        in page.words
    )
    assert page.all("#differing ~ ul a[href='#m1']")
    assert "This scan has not finished. 1 file or folder was not read to the end" in page.words
    assert f"SHA-256 {'a' * 64} the same after" in page.words
    differs = "same Message-ID, people and text; the date or what is embedded differs"
    assert differs in spaced(page.section(1))
    assert "ada, bo" in spaced(page.section(1).css_first(".places"))


def test_segments_that_nobody_scored_are_folded_or_dim(tmp_path: Path) -> None:
    parts = [
        (Role.AUTHORED, f"{WORDS}\n"), (Role.QUOTED, "> old words\n"),
        (Role.AUTHORED, "And more.\n"), (Role.SIGNATURE, "Ada\n"), (Role.DISCLAIMER, "line\n" * 30),
    ]  # fmt: skip
    segments, at = [], 0
    for role, text in parts:
        segments.append(Segment(role, at, at + len(text)))
        at += len(text)
    body = "".join(text for _, text in parts)
    picture = Attachment("scan.png", "image/png", 2_500_000, "a" * 64)
    one = message(1, body, segments=segments, attachments=[picture])
    build(tmp_path / "case", [one], {1: [finding(body, WORDS)]})
    page = _written(tmp_path / "case")
    shown = [s.attributes["class"] for s in page.section(1).css(".segment")]
    assert shown == [
        "segment authored", "segment quoted", "segment authored", "segment signature",
        "segment disclaimer",
    ]  # fmt: skip
    assert [d.attributes["class"] for d in page.section(1).css("details.segment")] == [
        "segment quoted", "segment disclaimer",
    ]  # fmt: skip
    assert "scan.png image/png, 2.5 MB, no text that could be scanned" in page.words
    assert "1 of 1 attachment holds no text" in page.words


def test_an_attachment_with_a_finding_is_shown_however_many_there_are(tmp_path: Path) -> None:
    files = [Attachment(f"{i}.txt", "text/plain", 9, "a" * 64, "Nothing.") for i in range(90)]
    files[77] = Attachment("memo.txt", "text/plain", 9, "a" * 64, f"A memo. {WORDS} The end.")
    found = finding(files[77].text, WORDS, segment="attachment", attachment=77)
    build(tmp_path / "case", [message(1, "Attached.", attachments=files)], {1: [found]})
    section = _written(tmp_path / "case").section(1)
    assert [m.text() for m in section.css("mark")] == [WORDS]
    assert "in the attachment memo.txt" in spaced(section) and "and 50 more" in spaced(section)


def test_same_case_same_report(tmp_path: Path) -> None:
    build(tmp_path / "case", [message(1, WORDS)], {1: [finding(WORDS, WORDS)]})
    first, second = (_written(tmp_path / "case").source for _ in range(2))
    moment = re.compile(r"<dt>Written</dt>\s*<dd>[^<]*</dd>")
    assert moment.sub("", first) == moment.sub("", second)


def test_a_finding_of_one_word_does_not_stand_for_the_message(tmp_path: Path) -> None:
    body = f"Today. {WORDS}"
    found = [finding(body, "Today.", score=0.99), finding(body, WORDS, score=0.8)]
    build(tmp_path / "case", [message(1, body)], {1: found})
    page = _written(tmp_path / "case")
    assert spaced(page.one(".ranked q")) == WORDS
    assert [q.text() for q in page.section(1).css(".why q")] == ["Today.", WORDS]


def test_the_list_shows_a_long_finding_to_its_end(tmp_path: Path) -> None:
    told = f"{'We went on in this way for months. ' * 13}Nobody may trace it."
    assert 470 < len(told) <= 500
    build(tmp_path / "case", [message(1, told)], {1: [finding(told, told)]})
    assert spaced(_written(tmp_path / "case").one(".ranked q")) == told


def test_overlapping_findings_become_one_mark(tmp_path: Path) -> None:
    found = [
        Finding("authored", None, 0, 30, WORDS[:30], "concealment", 0.9),
        Finding("authored", None, 9, len(WORDS), WORDS[9:], "admission", 0.8),
    ]
    build(tmp_path / "case", [message(1, WORDS)], {1: found})
    page = _written(tmp_path / "case")
    assert [m.text() for m in page.section(1).css("mark")] == [WORDS]
    assert len(page.section(1).css(".why a")) == 2


def test_a_signal_is_explained_once(tmp_path: Path) -> None:
    body = f"{WORDS} Shred the Halcyon drafts."
    found = [finding(body, WORDS), finding(body, "Shred the Halcyon drafts.", score=0.7)]
    build(tmp_path / "case", [message(1, body)], {1: found})
    told = spaced(_written(tmp_path / "case").section(1).css_first(".why"))
    assert told.count("proposes or describes hiding") == 1 and told.count("sentence score") == 2
