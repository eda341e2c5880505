"""Full-text search: what reviewers type, what is found, where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_decisions import add_messages

from riskscan.case.location import locate
from riskscan.case.open import connect, open_case
from riskscan.case.query import QueryError, read_query
from riskscan.case.search import INDEX, Search, hits
from riskscan.case.store import Outcome, Parsed
from riskscan.case.unspaced import APART, apart
from riskscan.mail.message import Address, Attachment, Message, Role, Segment

TEXTS = (
    ("ledger", "We keep this off the books, please delete the draft."),
    ("audit", "The auditors come on Monday; call me instead of writing."),
    ("lunch", "Off to lunch with Müller. Deleted nothing."),
    ("Re: audit", "call the auditors"),
)


@pytest.fixture(scope="module", params=["folder", "postgresql"])
def search(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Search]:
    folder = tmp_path_factory.mktemp("search")
    case = locate(folder / "case")
    if request.param == "postgresql":
        case = locate(request.getfixturevalue("postgresql").place())
    made = []
    for number, (subject, body) in enumerate(TEXTS, 1):
        one = Message(
            message_id=f"<{number}@quay.example>", mih=f"m{number}", content_hash=f"h{number}",
            sender=Address("Nora Quill", "nora@quay.example"), subject=subject, body=body,
            segments=[Segment(Role.AUTHORED, 0, len(body))],
        )  # fmt: skip
        if number == 3:
            one.to = [Address("Ben Tarn", "ben@quay.example")]
            one.attachments = [Attachment("menu.txt", "text/plain", 3, "a" * 64, "fried books")]
        made.append(Outcome("x", "eml", "nora", Parsed(str(number), "", "b" * 64, 9, one)))
    with open_case(case) as store:
        unit, _, _ = store.unit("/x", "/x", "mbox", 1, "a" * 64)
        store.add_batch(unit, made)
    engine = connect(case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        opened = Search(case, engine)
    opened.extend()
    yield opened
    opened.close()
    engine.dispose()


def found(search: Search, typed: str) -> set[int]:
    query = read_query(typed)
    assert query is not None
    return set(search.find(query).tolist())


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("auditors", {2, 4}),
        ("AUDITORS call", {2, 4}),
        ("auditors AND monday", {2}),
        ("ledger OR lunch", {1, 3}),
        ('"off the books"', {1}),
        ("off books", {1, 3}),
        ("body:(off books)", {1}),
        ("off NOT lunch", {1}),
        ("delet*", {1, 3}),
        ("delet!", {1, 3}),
        ("call w/1 auditors", {4}),
        ("call w/5 auditors", {2, 4}),
        ('(call OR phone) near/1 (auditors OR "the boss")', {4}),
        ("subject:audit", {2, 4}),
        ("subject:audit NOT body:monday", {4}),
        ("people:ben", {3}),
        ("ben@quay.example", {3}),
        ("files:fried", {3}),
        ("muller", {3}),
        ("(ledger OR lunch) NOT (delete OR x)", {3}),
        ("and", set()),
        ("draft.", {1}),
    ],
)
def test_what_is_typed_is_found(search: Search, typed: str, wanted: set[int]) -> None:
    assert found(search, typed) == wanted


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ('"open', "quotation mark is not closed"),
        ("(open", "bracket is not closed"),
        ("closed)", "closing bracket too many"),
        ("a OR", "missing"),
        ("OR a", "missing"),
        ("a AND", "nothing after AND"),
        ("AND a", "nothing before AND"),
        ("NOT a", "say first what to search for"),
        ("a NOT", "nothing after NOT"),
        ("a w/5", "nothing after w/5"),
        ("a w/999 b", "up to w/255"),
        ("(a AND b) w/5 c", "Beside w/"),
        ("subject:a w/5 body:b", "same field"),
        ("-a", "NOT a"),
        ("...", "no letter or digit"),
        ("()", "missing"),
        ("subject:", "ends early"),
        ("from:nora", "no field 'from'"),
        ('From:"nora quill"', "no field 'From'"),
        ("to:(nora OR ben)", "no field 'to'"),
        ("*dger", "at the end of a word"),
        ("led*er", "at the end of a word"),
        ('"off the b*oks"', "at the end of a word"),
        ("(" * 40 + "a" + ")" * 40, "16 deep"),
        ("x" * 2000, "1,000 characters"),
        (" ".join("abcdefgh" for _ in range(80)), "64 words"),
    ],
)
def test_what_cannot_be_searched_is_told(typed: str, reason: str) -> None:
    with pytest.raises(QueryError, match=reason.replace("(", r"\(")):
        read_query(typed)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                ["a", "b*", '"a b"', "(", ")", "AND", "OR", "NOT", "w/3", "subject:", "body:x",
                 '"', "NEAR", "NEAR(", "^a", "{", "+", "-", ":", "*", "'", "a:b", "\0"]
            ),
            max_size=12,
        ).map(" ".join),
    )
)  # fmt: skip
def test_whatever_is_typed_is_searched_or_explained(search: Search, typed: str) -> None:
    try:
        query = read_query(typed)
    except QueryError as error:
        assert str(error)
        return
    if query is not None:
        search.find(query)
        hits(query, [{"body": typed}])


@pytest.mark.parametrize(
    "typed", ["Re: ledger", "https://quay.example/a", "at 10:30", '"from:nora"', "led**", "C:\\x"]
)
def test_a_colon_that_names_no_field_is_searched(typed: str) -> None:
    assert read_query(typed) is not None


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("今天把账本删除了。", "账本", ["账本"]),
        ("今天把账本删除了。", '"删 除"', ["删除"]),
        ("会議の前に帳簿を直す", "帳簿 NOT 手紙", ["帳簿"]),
        ("ลบบัญชีก่อนตรวจสอบ", "บัญชี", ["บัญชี"]),
        ("ลบบัญชีก่อนตรวจสอบ", "บญช", []),
        ("लेखा मिटा दो", "मिटा", ["मिटा"]),
        ("लेखा मिटा दो", "टा", []),
        ("장부를 지워", "장부*", ["장부를"]),
        ("Q3帳簿.xlsx", "帳簿", ["帳簿"]),
        ("删除", "除删", []),
        ("账\x01本 and 账本", "账本", ["账\x01本", "账本"]),
    ],
)
def test_a_word_is_found_where_no_spaces_stand(text: str, typed: str, marked: list[str]) -> None:
    query = read_query(typed)
    assert query is not None
    (where,) = hits(query, [{"body": f"x {text} y"}])
    assert [f"x {text} y"[a:b] for a, b in where.get("body", [])] == marked


@given(st.text(st.sampled_from("ab 账本จีกี東\u3099\x01\x02é"), max_size=30))
def test_setting_letters_apart_changes_nothing_else(text: str) -> None:
    assert apart(text).replace(APART, "") == text.replace(APART, "")


def test_a_word_is_found_as_it_reads(tmp_path: Path) -> None:
    case = locate(tmp_path / "case")
    body = "de\u200bstr\u043ey"
    message = Message(
        message_id="<1@quay.example>", mih="m", content_hash="h", subject="x", body=body,
        sender=Address("N\u200bora", "nora@quay.example"),
        attachments=[Attachment("a.txt", "text/plain", 3, "a" * 64, "\ufb01les \uff41gain")],
        segments=[Segment(Role.AUTHORED, 0, len(body))],
    )  # fmt: skip
    with open_case(case) as store:
        unit, _, _ = store.unit("/x", "/x", "mbox", 1, "a" * 64)
        parsed = Parsed("1", "", "b" * 64, 9, message)
        store.add_batch(unit, [Outcome("x", "eml", "nora", parsed)])
    engine = connect(case)
    search = Search(case, engine)
    search.extend()
    for typed in ("destroy", body, "people:nora", "files:(files again)"):
        assert found(search, typed) == {1}
    search.close()
    engine.dispose()


def test_nothing_typed_is_no_search() -> None:
    assert read_query(" \t") is None


def test_hits_stand_where_the_words_are() -> None:
    text = "Keep it off\nthe books; \x02Müller's\x03 hat."
    query = read_query('"off the books" OR muller NOT x')
    assert query is not None
    (where,) = hits(query, [{"body": text}])
    assert [text[start:end] for start, end in where["body"]] == ["off\nthe books", "Müller"]


def test_hits_of_one_field_only() -> None:
    query = read_query("subject:ledger")
    assert query is not None
    (where,) = hits(query, [{"subject": "a ledger", "body": "another ledger"}])
    assert where["subject"] == [(2, 8)]
    assert where["body"] == []


def test_new_messages_are_found_after_the_index_has_grown(tmp_path: Path) -> None:
    case = tmp_path / "case"
    add_messages(case, 1, 3)
    engine = connect(case)
    search = Search(locate(case), engine)
    search.extend()
    add_messages(case, 4, 5)
    query = read_query("crate")
    assert query is not None
    assert search.find(query).tolist() == [1, 2, 3]
    search.extend()
    assert search.find(query).tolist() == [1, 2, 3, 4, 5]
    assert search.upto == 5
    search.close()
    engine.dispose()


@pytest.mark.parametrize("spoil", ["another case", "damage", "no index"])
def test_an_index_that_does_not_fit_is_made_anew(tmp_path: Path, spoil: str) -> None:
    add_messages(tmp_path / "case", 1, 3)
    case = tmp_path / "case"
    engine = connect(case)
    search = Search(locate(case), engine)
    search.extend()
    search.close()
    if spoil == "another case":
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE messages SET content_hash = 'other'")
    elif spoil == "damage":
        (case / INDEX).write_bytes(b"this is no database, whatever its name says" * 100)
    else:
        (case / INDEX).unlink()
    search = Search(locate(case), engine)
    assert search.upto == 0
    search.extend()
    query = read_query("crate")
    assert query is not None
    assert search.find(query).tolist() == [1, 2, 3]
    search.close()
    engine.dispose()
