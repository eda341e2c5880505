"""Inclusiveness: which message of a thread holds all that the others say, and what they add."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscan.mail.inclusive import Inclusion, Letter, inclusions
from riskscan.mail.message import Role
from riskscan.mail.segment import segment

NORA = "Nora Quill"
BEN = "Ben Tarn"
FIRST = (
    "We should not ship the crates before the inspector has seen them, because the permit "
    "lapsed in March and nobody has asked for a new one."
)
SECOND = "Then let us hold them in the yard until Thursday and say that the lorry broke down."


def letter(
    key: int,
    text: str,
    quoting: Letter | None = None,
    *,
    sender: str = NORA,
    subject: str = "crates",
    attached: Sequence[str] = (),
    mark: str = "> ",
    width: int = 60,
) -> Letter:
    """A message, with another one below it as mail clients quote it."""
    body = text
    if quoting is not None:
        old = "\n".join(
            line
            for part in quoting.body.split("\n")
            for line in (textwrap.wrap(part, width) or [""])
        )
        who = f"{quoting.sender} <{quoting.sender[:3].lower()}@quayside.example>"
        head = f"\n\nOn Tue, Mar 5, 2024 at 8:0{key % 10} AM {who} wrote:\n"
        body += head + textwrap.indent(old, mark, lambda _: True)
    return Letter(key, body, segment(body), subject, sender, frozenset(attached))


def judged(*letters: Letter) -> dict[int, Inclusion]:
    return {one.key: one for one in inclusions(letters)}


def texts(one: Inclusion, of: Letter) -> list[str]:
    return [of.body[start:end] for start, end in one.added]


def test_a_reply_that_quotes_everything_includes_what_it_answers() -> None:
    one = letter(1, FIRST)
    two = letter(2, SECOND, one, sender=BEN)
    three = letter(3, "Agreed, that is what we say.", two)
    found = judged(one, two, three)
    assert [found[k].included_in for k in (1, 2, 3)] == [3, 3, None]
    assert (found[3].reason, found[1].reason) == ("last", "included")


@pytest.mark.parametrize("mark", ["> ", ">>> ", "| ", ""])
@pytest.mark.parametrize("width", [24, 300])
def test_wrapping_and_quote_marks_make_no_difference(mark: str, width: int) -> None:
    one = letter(1, FIRST)
    found = judged(one, letter(2, SECOND, one, sender=BEN, mark=mark, width=width))
    assert found[1].included_in == 2


def test_two_answers_to_one_message_are_both_inclusive() -> None:
    one = letter(1, FIRST)
    left = letter(2, SECOND, one, sender=BEN)
    right = letter(3, "I will ask the inspector myself tomorrow, so wait for me please.", one)
    found = judged(one, left, right)
    assert [found[k].inclusive for k in (1, 2, 3)] == [False, True, True]


def test_what_a_reply_cut_away_is_told_to_the_word() -> None:
    one = letter(1, f"{FIRST}\n\n{SECOND}")
    two = letter(2, f"Which permit do you mean?\n\n> {FIRST}", sender=BEN)
    found = judged(one, two)
    assert found[1].inclusive
    assert (found[1].reason, found[1].nearest) == ("text", 2)
    assert texts(found[1], one) == [SECOND.rstrip(".")]
    assert found[1].added_words == len(SECOND.split())


def test_a_changed_word_in_a_quotation_keeps_the_original() -> None:
    one = letter(1, FIRST)
    two = letter(2, f"As you wrote:\n\n> {FIRST.replace('should not', 'should')}", sender=BEN)
    found = judged(one, two)
    assert found[1].inclusive
    assert "not" in texts(found[1], one)[0].split()


def test_an_attachment_that_the_later_one_lacks_keeps_a_message() -> None:
    one = letter(1, FIRST, attached=["aa"])
    assert judged(one, letter(2, SECOND, one))[1].reason == "attachments"
    assert judged(one, letter(2, SECOND, one, attached=["aa", "bb"]))[1].included_in == 2


def test_a_subject_of_its_own_keeps_a_message() -> None:
    one = letter(1, FIRST, subject="inspector fees")
    assert judged(one, letter(2, SECOND, one, subject="RE: inspector fees"))[1].included_in == 2
    assert judged(one, letter(2, SECOND, one, subject="yard"))[1].reason == "subject"


def test_what_a_message_quotes_must_be_somewhere_too() -> None:
    outside = letter(9, "The inspector told me on Monday that he knows of every crate in the yard.")
    one = letter(1, FIRST, outside)
    two = letter(2, f"Why?\n\n> {FIRST}", sender=BEN)
    assert judged(one, two)[1].reason == "quotes"
    assert judged(outside, one, two)[1].included_in == 2
    assert judged(outside, one, two)[9].inclusive


def test_a_bare_forward_is_included_only_in_what_holds_the_forwarded_text() -> None:
    one = letter(1, FIRST)
    body = f"---------- Forwarded message ---------\nFrom: Nora Quill\nSubject: crates\n\n{FIRST}\n"
    two = Letter(2, body, segment(body), "Fwd: crates", BEN)
    assert not any(part.role is Role.AUTHORED for part in two.segments)
    assert judged(one, two, letter(3, SECOND))[2].inclusive
    assert judged(one, two, letter(3, SECOND, one))[2].included_in == 3


def test_a_short_answer_is_included_only_where_it_is_quoted_as_its_senders() -> None:
    question = letter(1, FIRST, sender=BEN)
    yes = letter(2, "Yes.", question)
    other = letter(3, "Can we say yes to this, given what the permit says? I think not.", question)
    assert judged(question, yes, other)[2].inclusive
    follow = letter(3, "Good, thank you.", yes, sender=BEN)
    assert judged(question, yes, follow)[2].included_in == 3
    by_another = letter(2, "Yes.", question, sender="Ida Holm")
    assert judged(question, by_another, follow)[2].inclusive


def test_a_short_line_cut_off_by_a_mark_of_the_client_is_found() -> None:
    one = letter(1, f"{FIRST}\n\nNora Quill")
    body = f"Thanks.\n\n-----Original Message-----\nFrom: Nora Quill\nSent: Tuesday, March 5, 2024 8:00 AM\nTo: Ben Tarn\nSubject: crates\n\n{FIRST}\n\n << File: permit.doc >>\n\nNora Quill\n"  # noqa: E501
    two = Letter(2, body, segment(body), "RE: crates", BEN)
    assert judged(one, two)[1].included_in == 2


def test_an_earlier_message_never_includes_a_later_one() -> None:
    assert judged(letter(1, f"{FIRST} {SECOND}"), letter(2, FIRST))[2].inclusive


def test_a_message_without_words_is_inclusive() -> None:
    assert judged(letter(1, " \n"), letter(2, FIRST))[1].reason == "empty"
    assert list(inclusions([])) == []


def test_a_long_thread_that_quotes_everything_ends_in_its_last_message() -> None:
    rng = random.Random(1)
    letters: list[Letter] = []
    for key in range(60):
        text = f"Number {key}: " + " ".join(f"w{rng.randrange(10**6)}" for _ in range(9)) + "."
        letters.append(letter(key, text, letters[-1] if letters else None, width=4000))
    found = judged(*letters)
    assert [k for k, one in found.items() if one.inclusive] == [59]
    assert {one.included_in for one in found.values()} == {None, 59}


def test_a_long_thread_of_branches_finds_the_one_that_quotes_each() -> None:
    rng = random.Random(2)

    def words() -> str:
        return " ".join(f"w{rng.randrange(10**6)}" for _ in range(12)) + "."

    firsts = [letter(key, words()) for key in range(40)]
    answers = [letter(100 + key, words(), firsts[key]) for key in range(40)]
    found = judged(*firsts, *answers)
    assert [found[key].included_in for key in range(40)] == [100 + key for key in range(40)]
    assert all(found[100 + key].inclusive for key in range(40))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=10), st.randoms())
def test_who_reads_the_inclusive_messages_has_read_every_authored_word(
    shape: list[tuple[int, bool]], rng: random.Random
) -> None:
    letters: list[Letter] = []
    for key, (parent, cut) in enumerate(shape):
        text = " ".join(f"w{rng.randrange(50)}" for _ in range(rng.randint(8, 14))) + "."
        quoting = letters[parent] if parent < len(letters) else None
        made = letter(key, text, quoting, width=200)
        if cut:
            lines = made.body.split("\n")
            del lines[rng.randrange(len(lines)) :]
            body = "\n".join(lines) or text
            made = Letter(key, body, segment(body), "crates", NORA)
        letters.append(made)
    found = judged(*letters)
    read = [one.body.replace(">", " ").split() for one in letters if found[one.key].inclusive]
    for one in letters:
        for part in one.segments:
            if part.role is Role.AUTHORED:
                own = one.body[part.start : part.end].split()
                assert any(set(own) <= set(words) for words in read), found


def test_a_text_that_is_not_compared_to_its_end_is_inclusive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("riskscan.mail.inclusive._LONGEST", 60)
    assert judged(letter(1, FIRST), letter(2, FIRST))[1].reason == "long"
