"""Of two plain alternatives the one that is HTML was taken: its tags were counted as words."""

from __future__ import annotations

from riskscan.mail.parse import parse_message

MAIL = """\
From: ada@ferry.example
Content-Type: multipart/alternative; boundary=cut

--cut
Content-Type: text/plain

{plain}
--cut
Content-Type: text/plain

{other}
--cut--
"""
PLAIN = "The ferry leaves at nine, says the plan of the port."


def test_the_first_is_kept_when_the_second_says_the_same_with_tags() -> None:
    tagged = "".join(f'<a href="http://a.example/x/y/z"><b>{w}</b></a> ' for w in PLAIN.split())
    assert parse_message(MAIL.format(plain=PLAIN, other=tagged).encode()).body == PLAIN


def test_the_second_is_taken_when_it_says_far_more() -> None:
    more = (PLAIN + "\n") * 9
    assert parse_message(MAIL.format(plain=PLAIN, other=more).encode()).body == more
