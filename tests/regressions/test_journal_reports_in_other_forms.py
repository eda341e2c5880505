"""Journal reports that fold lines, name people or attach the message as a file lost recipients."""

from __future__ import annotations

import base64
import time

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message

HEAD = "Sender: ada@ferry.example\nSubject: Tide tables\nMessage-Id: <1@ferry.example>\n"


def original(number: int = 1) -> str:
    return (
        f"From: Ada <ada@ferry.example>\nTo: bo@ferry.example\nSubject: Tide {number}\n"
        f"Message-ID: <{number}@ferry.example>\nDate: Mon, 2 Nov 2026 09:59:00 +0000\n\nShred it.\n"
    )


def report(told: str, *parts: str, kind: str = "text/plain; charset=utf-8") -> Message:
    inside = "".join(f"--b\n{part}" for part in parts)
    return parse_message(
        (
            "From: mse@ferry.example\nTo: journal@archive.example\nX-MS-Journal-Report:\n"
            "Subject: Tide tables\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
            f"--b\nContent-Type: {kind}\n\n{told}{inside}--b--\n"
        ).encode()
    )


def mail(number: int = 1) -> str:
    return f"Content-Type: message/rfc822\n\n{original(number)}"


def blind(message: Message) -> list[tuple[str, str]]:
    return [(one.name, one.address) for one in message.bcc]


def test_folded_lines_and_several_on_a_line() -> None:
    told = (
        "Bcc: al@ferry.example,\n eve@ferry.example;\n\tZoe <zoe@ferry.example>\n"
        "Bcc:\n far@ferry.example\nRecipient:gus@ferry.example, Expanded: all@ferry.example\n"
    )
    (found,) = report(HEAD + told, mail()).embedded
    assert [address.partition("@")[0] for _, address in blind(found)] == [
        "al", "eve", "zoe", "far", "gus"
    ]  # fmt: skip


def test_names_and_what_is_no_address() -> None:
    told = (
        'Bcc: "Zoë Quay" <zoe@ferry.example>\nBcc: Ünal Öz <unal@ferry.example>\n'
        "Bcc: =?utf-8?q?Zo=C3=AB?= <zo@ferry.example>\nBcc: Pat Quay\n"
        "Bcc: Quay, Ida <ida.quay@ferry.example>\n"
        "Bcc: /o=Ferry/ou=Quay/cn=Recipients/cn=ida\n"
    )
    (found,) = report(HEAD + told, mail()).embedded
    assert blind(found) == [
        ("Zoë Quay", "zoe@ferry.example"),
        ("Ünal Öz", "unal@ferry.example"),
        ("Zoë", "zo@ferry.example"),
        ("Pat Quay", ""),
        ("Quay, Ida", "ida.quay@ferry.example"),
        ("", "/o=Ferry/ou=Quay/cn=Recipients/cn=ida"),
    ]
    assert "Pat Quay" in found.defects[-1]


def test_a_report_in_html() -> None:
    told = (
        "<html><body><table><tr><td>Sender:</td><td>ada@ferry.example</td></tr>"
        "<tr><td>Bcc:</td><td>al@ferry.example<br>eve@ferry.example</td></tr></table></body></html>\n"
    )
    (found,) = report(told, mail(), kind="text/html").embedded
    assert [address for _, address in blind(found)] == ["al@ferry.example", "eve@ferry.example"]


def test_the_message_attached_as_a_file() -> None:
    data = base64.b64encode(original().encode()).decode()
    part = (
        "Content-Type: application/octet-stream; name=m.eml\n"
        "Content-Disposition: attachment; filename=m.eml\n"
        f"Content-Transfer-Encoding: base64\n\n{data}\n"
    )
    made = report(HEAD + "Bcc: al@ferry.example\n", part)
    assert blind(made.embedded[0]) == [("", "al@ferry.example")]


def test_of_several_messages_those_that_it_names() -> None:
    told = HEAD.replace("<1@", "<2@") + "Bcc: al@ferry.example\n"
    made = report(told, mail(1), mail(2), mail(2))
    assert [len(one.bcc) for one in made.embedded] == [0, 1, 1]
    other = report(told, mail(3), mail(4))
    assert [len(one.bcc) for one in other.embedded] == [1, 0]


def test_a_report_in_a_report() -> None:
    inner = (
        "Content-Type: message/rfc822\n\nFrom: mse@ferry.example\nX-MS-Journal-Report:\n"
        "Subject: Tide tables\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n"
        f"{HEAD}Bcc: zed@ferry.example\n--c\n{mail()}--c--\n"
    )
    (within,) = report(HEAD + "Bcc: al@ferry.example\n", inner).embedded
    assert blind(within) == [("", "al@ferry.example")]
    assert blind(within.embedded[0]) == [("", "zed@ferry.example")]


def test_a_report_without_its_message_says_so() -> None:
    made = report(HEAD + "Bcc: al@ferry.example\n")
    assert "a journal report without the message that it reports" in made.defects
    assert "al@ferry.example" in made.body


def test_very_many_recipients_are_counted() -> None:
    told = "".join(f"Bcc: a{n}@ferry.example\n" for n in range(10_200))
    started = time.process_time()
    made = report(HEAD + told, mail())
    assert time.process_time() - started < 5
    assert len(made.embedded[0].bcc) == 10_000
    assert [one[:31] for one in made.defects].count("200 further lines of recipients") == 1
