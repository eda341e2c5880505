"""The report over a hostile mailbox, through the public path: nothing of a mail becomes markup."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from report_cases import add_scores, finding
from report_page import Page, spaced

import riskscan
from riskscan.case.read import Case, Record
from riskscan.case.store import FoundEntity, open_case
from riskscan.export.report import write_report

SECRET = "We must shred the <b>red ledger</b> & its copies before the auditors arrive on Monday."
REPLY = "I am not comfortable with hiding the red ledger from them</mark><script>x()</script>."
ATTACHED = 'Nobody may ever learn who paid for the "survey" <img src=x onerror=alert(5)>.'
SUBJECT = '</title><script>alert(1)</script>"><img src=x onerror=alert(2)> stealth'
NAME = "\"><svg onload=alert(3)> 'Ada' <iframe src=//evil.example>"
CUSTODIAN = "<img src=//evil.example/custodian>"
HOSTILE = (
    "</div></article></main></body><style>*{display:none}</style><base href=//evil.example>\n"
    "{{ 7 * 7 }} {% raw %} <!-- <form action=//evil.example><input autofocus onfocus=alert(4)>\n"
    "javascript:alert(5) http://evil.example/track?me <a href=javascript:alert(6)>click</a>\n"
    "\u202egnp.exe\u202c bell\x07 escape\x1b[31m isolate\u2067x\u2069 " + "W" * 5000
)


def _mail(number: int, subject: str, body: str, reply_to: str = "") -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f'"{NAME.translate({34: None})}" <ada@north.example>'
    mail["To"] = '"<b>Bo</b>" <bo@north.example>'
    mail["Date"] = f"Tue, {number} Oct 2024 10:00:00 +0000"
    mail["Message-ID"] = f"<{number}onmouseover=alert(7)//@north.example>"
    mail["Subject"] = subject
    if reply_to:
        mail["In-Reply-To"] = mail["References"] = reply_to
    mail.set_content(body)
    return mail


def _mailboxes(folder: Path) -> None:
    first = _mail(1, SUBJECT, f"{SECRET}\n\n{HOSTILE}\n")
    first.add_attachment(ATTACHED, filename="<script>alert(8)<.txt")
    wrapped = f"{SECRET[:40]}\n> {SECRET[40:]}"
    quoted = "\n".join(f"> {line}" for line in wrapped.replace("\n> ", "\n").split("\n"))
    second = _mail(
        2, f"Re: {SUBJECT}", f"{REPLY}\n\nOn Tue, 1 Oct 2024 Ada wrote:\n{quoted}\n",
        str(first["Message-ID"]),
    )  # fmt: skip
    third = _mail(3, "<u>lunch</u>", "Soup & <i>salad</i>?\n")
    fourth = _mail(4, "FW: <u>embedded</u>", "See the mail inside.\n")
    fourth.add_attachment(_mail(5, "<u>inner</u>", "Inner <blink>words</blink>.\n"))
    mails = [bytes(one) for one in (first, second, third, fourth)]
    (folder / "a.eml").write_bytes(mails[0])
    (folder / "copy of a.eml").write_bytes(mails[0])
    for name, data in zip("bcd", mails[1:], strict=True):
        (folder / f"{name}.eml").write_bytes(data)
    (folder / "<b onclick=alert(9)>.pst").write_bytes(b"!BDN\x00\x01\x02" * 50)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, dict[str, Record]]:
    folder = tmp_path_factory.mktemp("hostile")
    exports = folder / "exports"
    exports.mkdir()
    _mailboxes(exports)
    case = folder / "<i>case & co<"
    riskscan.scan(exports, case, custodian=CUSTODIAN, entities="none")
    with Case(case) as opened:
        records = {r["message_id"][1]: r for r in opened.records()}
    first, second = records["1"], records["2"]
    findings = {
        first["id"]: [
            finding(first["body"], SECRET.strip(), "spoliation"),
            finding(first["subject"], "stealth", segment="subject", score=0.6),
            finding(ATTACHED, ATTACHED, segment="attachment", attachment=0, score=0.5),
        ],
        second["id"]: [finding(second["body"], REPLY, "ethical_unease")],
    }
    with open_case(case) as store:
        add_scores(store, max(r["id"] for r in records.values()), findings)
        store.add_entities(
            store.model("entities", "<s>model</s>", "f", {}),
            [(first["id"], [FoundEntity("authored", 0, 2, "<s>We</s>", "<s>ORG")])],
        )
    page = Page(write_report(case, folder / "report.html"))
    return page, records


def test_only_the_markup_of_the_report_is_in_it(scanned: tuple[Page, dict[str, Record]]) -> None:
    page, _ = scanned
    page.check()
    assert "evil.example/track" in page.words, "web addresses stay as text"
    assert "<script>alert(1)</script>" in page.words
    assert "{{ 7 * 7 }}" in page.words
    for hostile in ("onclick=alert(9)", CUSTODIAN, "<s>model</s>", "<s>We</s>", "<i>case & co<"):
        assert hostile in page.words


def test_what_reorders_or_controls_is_made_visible(
    scanned: tuple[Page, dict[str, Record]],
) -> None:
    page, records = scanned
    assert "\u202e" in records["1"]["body"]
    forbidden = {c for c in page.source if ord(c) < 32 and c != "\n"}
    forbidden |= set(page.source) & set(
        "\x7f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
    assert not forbidden
    assert "[U+202E]gnp.exe[U+202C] bell[U+0007] escape[U+001B][31m" in page.words


def test_findings_are_marked_where_they_are(scanned: tuple[Page, dict[str, Record]]) -> None:
    page, records = scanned
    first, second = page.section(records["1"]["id"]), page.section(records["2"]["id"])
    assert [m.text() for m in first.css(".authored mark")] == [SECRET]
    assert [m.text() for m in first.css("h3 mark")] == ["stealth"]
    assert [m.text() for m in first.css(".attachment mark")] == [ATTACHED]
    assert [m.text() for m in second.css("mark")] == [REPLY]
    assert [q.text() for q in first.css(".why q")] == [SECRET, "stealth", ATTACHED]
    assert "doubts that" not in spaced(first.css_first(".why"))
    assert "destroys, alters or withholds" in spaced(first.css_first(".why"))


def test_a_quotation_leads_to_the_message_that_wrote_it(
    scanned: tuple[Page, dict[str, Record]],
) -> None:
    page, records = scanned
    first, second = records["1"]["id"], records["2"]["id"]
    note = page.section(second).css_first(".quotes")
    assert "was written by" in spaced(note) and "on 1 Oct 2024: flagged, see No. 1" in spaced(note)
    assert note is not None and note.css_first("a").attributes["href"] == f"#m{first}"
    assert "shred the" in spaced(page.section(second).css_first("details.quoted .echo"))
    assert not page.section(first).css(".quotes")


def test_people_places_family_thread_and_entities_are_told(
    scanned: tuple[Page, dict[str, Record]],
) -> None:
    page, records = scanned
    first = page.section(records["1"]["id"])
    told = spaced(first)
    assert "<b>Bo</b> <bo@north.example>" in told
    assert "2 places, 1 duplicate" in told and "copy of a.eml" in told
    assert "<script>alert(8)<.txt" in told
    assert "Thread of 2 messages" in told
    assert f"#m{records['2']['id']}" in [a.attributes["href"] for a in first.css(".thread a")]
    assert spaced(first.css_first(".entities dd")) == "<s>We</s>"
    assert "embedded" in page.words and "not read" in page.words


def test_the_figures_add_up_and_each_list_says_so(
    scanned: tuple[Page, dict[str, Record]],
) -> None:
    page, _ = scanned
    assert "5 messages found = 4 stored + 1 duplicate + 0 quarantined" in page.words
    assert "of the 5 messages in the exports, 4 were stored, 1 was a further copy" in page.words
    assert "1 message came embedded in others" in page.words
    tiles = {spaced(t.css_first("dt")): spaced(t.css_first("dd")) for t in page.all(".tile")}
    assert tiles["Flagged"] == "240.0% of 5 unique messages"
    assert tiles["Not read"].startswith("1")
    rows = page.all(".ranked tbody tr")
    assert len(rows) == 2
    assert spaced(rows[0].css_first("q")) == SECRET
