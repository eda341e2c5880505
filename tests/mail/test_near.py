"""Near-duplicates: planted ones are found, nothing unlike is joined, whatever the order."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscan import mapped
from riskscan.mail import near, sketches
from riskscan.mail.near import THRESHOLD, near_groups, similarity
from riskscan.mail.shingles import Numbers

VOCABULARY = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in "lmnrst"]


def edited(words: list[str], share: float, rng: random.Random) -> list[str]:
    """The words with up to this share of them replaced, taken out or added to, anywhere."""
    made = list(words)
    for _ in range(int(share * len(words))):
        at = rng.randrange(len(made))
        change = rng.choice(("replace", "insert", "delete"))
        if change == "replace":
            made[at] = f"new{rng.randrange(10**6)}"
        elif change == "insert":
            made.insert(at, f"new{rng.randrange(10**6)}")
        else:
            del made[at]
    return made


def prose(number: int, rng: random.Random) -> list[str]:
    """Words as frequent as in a language: few of them very."""
    return [VOCABULARY[min(int(rng.paretovariate(0.9)) - 1, 359)] for _ in range(number)]


def jaccard(one: str, other: str) -> float:
    """The similarity as docs/groups.md defines it, computed in another way."""

    def bag(text: str) -> Counter[tuple[str, ...]]:
        words = text.lower().split()
        return Counter([*((word,) for word in words), *pairwise(words)])

    a, b = bag(one), bag(other)
    return (a & b).total() / (a | b).total()


def groups(texts: Iterable[tuple[int, str]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for one in near_groups(list(texts)):
        found.setdefault(one.principal, set()).add(one.key)
    return found


@given(st.lists(st.sampled_from(VOCABULARY[:40]), min_size=10, max_size=200), st.randoms())
def test_an_edit_of_one_word_in_ten_stays_above_the_threshold(
    words: list[str], rng: random.Random
) -> None:
    text, other = " ".join(words), " ".join(edited(words, 0.1, rng))
    assert similarity(text, other) >= THRESHOLD
    assert similarity(text, other) == pytest.approx(jaccard(text, other))


@settings(deadline=None)
@given(st.lists(st.text(max_size=30), max_size=6))
def test_any_text_is_like_itself_and_nothing_is_lost(texts: list[str]) -> None:
    pairs = list(enumerate([*texts, *texts]))
    found = {one.key: one for one in near_groups(pairs)}
    for key, text in pairs:
        if similarity(text, text) == 1:
            assert found[key].similarity >= THRESHOLD
            assert found[found[key].principal].principal == found[key].principal
        else:
            assert key not in found


def test_planted_near_duplicates_are_found_and_nothing_below_the_threshold_is_joined() -> None:
    rng = random.Random(7)
    texts: list[str] = []
    planted = []
    for _ in range(400):
        words = prose(rng.randint(10, 150), rng)
        planted.append((len(texts), len(texts) + 1))
        texts += [" ".join(words), " ".join(edited(words, rng.choice((0.05, 0.1)), rng))]
    texts += [" ".join(prose(rng.randint(10, 60), rng)) for _ in range(600)]
    found = {one.key: one for one in near_groups(list(enumerate(texts)))}
    together = sum(
        a in found and b in found and found[a].principal == found[b].principal for a, b in planted
    )
    assert together >= 0.99 * len(planted)
    for one in found.values():
        exact = jaccard(texts[one.key], texts[one.principal])
        assert exact >= THRESHOLD
        assert one.similarity == pytest.approx(exact)


def test_groups_do_not_depend_on_the_order_of_texts() -> None:
    rng = random.Random(3)
    texts = []
    for _ in range(60):
        words = prose(40, rng)
        texts += [" ".join(edited(words, share, rng)) for share in (0, 0.05, 0.1, 0.2, 0.3)]
    pairs = list(enumerate(texts))
    straight = list(near_groups(pairs))
    assert straight
    rng.shuffle(pairs)
    assert list(near_groups(pairs)) == straight


def test_groups_do_not_depend_on_how_many_texts_memory_has_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = random.Random(5)
    texts = ["", "thanks", "the same notice went out to everybody on the list again"] * 60
    for _ in range(40):
        words = prose(30, rng)
        texts += [" ".join(edited(words, share, rng)) for share in (0, 0, 0.05, 0.1)]
    # A notice of another number each time: all of them are in the same buckets.
    notice = [f"w{i}" for i in range(60)]
    texts += [" ".join([*notice, f"n{i}"]) for i in range(120)]
    pairs = [(key - 50, text) for key, text in enumerate(texts)]
    rng.shuffle(pairs)
    straight = list(near_groups(pairs))
    monkeypatch.setattr(mapped, "PART", 20)
    monkeypatch.setattr(sketches, "PART", 20)
    monkeypatch.setattr(mapped, "_AT_ONCE", 16)
    monkeypatch.setattr(mapped, "_NO_FILE", 1000)
    monkeypatch.setattr(near, "_TOUCHED", 1)
    assert list(near_groups(pairs)) == straight
    assert len(straight) > 300


def test_a_text_that_two_others_are_like_leads_them() -> None:
    words = [f"w{i}" for i in range(100)]
    near_both = [*words[:88], *(f"x{i}" for i in range(12))]
    far = [*words[:76], *(f"y{i}" for i in range(12)), *(f"x{i}" for i in range(12))]
    texts = [" ".join(some) for some in (words, near_both, far)]
    assert similarity(texts[0], texts[1]) > THRESHOLD < similarity(texts[1], texts[2])
    assert similarity(texts[0], texts[2]) < THRESHOLD
    assert groups(enumerate(texts)) == {1: {0, 1, 2}}
    again = texts[2].replace("y3 ", "")
    assert groups(enumerate([*texts, again])) == {0: {0, 1}, 2: {2, 3}}


def test_nothing_is_joined_by_way_of_a_third() -> None:
    """Of a chain of texts each like the next, a group has those alone that are like one of it."""
    chain = [" ".join(f"w{i}" for i in range(12 * step, 12 * step + 100)) for step in range(6)]
    assert similarity(chain[0], chain[1]) > THRESHOLD > similarity(chain[0], chain[2])
    found = list(near_groups(enumerate(chain)))
    assert len(found) == 6
    for one in found:
        told = jaccard(chain[one.key], chain[one.principal])
        assert THRESHOLD <= told == pytest.approx(one.similarity)


def test_drafts_of_one_text_stand_together_whatever_the_order() -> None:
    rng = random.Random(3)
    drafts = []
    for _ in range(60):
        words = [rng.choice(VOCABULARY) for _ in range(rng.randrange(30, 200))]
        drafts += [" ".join(w) for w in (words, *(edited(words, 0.1, rng) for _ in range(4)))]
    texts = list(enumerate(drafts))
    found = {one.key: one for one in near_groups(texts)}
    told = [jaccard(drafts[one.key], drafts[one.principal]) for one in found.values()]
    assert min(told) >= THRESHOLD
    assert all(one.key // 5 == one.principal // 5 for one in found.values())
    principals = {key: found[key].principal if key in found else key for key, _ in texts}
    copies = [key for key, _ in texts if key % 5]
    assert sum(key in found for key in copies) >= 0.95 * len(copies)
    assert sum(principals[k] == principals[k - k % 5] for k in copies) >= 0.9 * len(copies)
    rng.shuffle(texts)
    assert list(near_groups(texts)) == list(found.values())


def test_the_longest_text_is_the_principal_and_the_least_key_of_equal_ones() -> None:
    text = " ".join(f"w{i}" for i in range(30))
    assert groups([(5, text), (3, text), (7, f"{text} more")]) == {7: {3, 5, 7}}
    assert groups([(5, text), (3, text)]) == {3: {3, 5}}


def test_wrapping_marks_and_case_make_no_difference() -> None:
    text = "We ship the crates on Thursday, and nobody else needs to know of it at all."
    quoted = (
        "> we ship the crates\n> on Thursday - and nobody\n>\n> else needs to know of it at all"
    )
    assert similarity(text, quoted) == 1
    assert groups([(1, text), (2, quoted)]) == {1: {1, 2}}


def test_short_texts_are_joined_only_when_equal_and_empty_ones_never() -> None:
    texts = ["Thanks, Nora", "thanks nora!", "Thanks, Ben", "", " \n", "---", "one two three four"]
    assert groups(enumerate(texts)) == {0: {0, 1}}


def test_saying_one_thing_a_thousand_times_is_not_like_saying_it_once() -> None:
    line = "the crates arrive on thursday morning and leave again on friday night "
    assert similarity(line, line * 1000) < 0.01
    assert groups([(1, line), (2, line * 1000)]) == {}


def test_texts_without_blanks_between_words_are_compared_too() -> None:
    text = "".join(chr(0x4E00 + 7 * i) for i in range(60))
    assert groups([(1, text), (2, text[:20] + "\u4e01" + text[20:])]) == {2: {1, 2}}


def test_texts_beyond_the_limit_are_joined_only_when_equal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(near, "LONGEST", 100)
    text = " ".join(f"w{i}" for i in range(60))
    texts = [(1, text), (2, text), (3, f"{text} more"), (4, text[:90]), (5, f"{text[:90]} x")]
    assert groups(texts) == {1: {1, 2}, 5: {4, 5}}


def test_texts_made_to_collide_cost_no_more_than_a_few_comparisons_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = 0
    exact = near._jaccard

    def counted(*both: Numbers) -> float:
        nonlocal compared
        compared += 1
        return exact(*both)

    monkeypatch.setattr(near, "_jaccard", counted)
    common = " ".join(f"w{i}" for i in range(60))
    trap = [common + " " + " ".join(f"x{i}n{j}" for j in range(20)) for i in range(1500)]
    assert similarity(trap[0], trap[1]) < THRESHOLD
    assert groups(enumerate(trap)) == {}
    assert 1500 < compared <= 6 * 1500 + 1


def test_equal_texts_are_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "_jaccard", None)
    text = " ".join(f"w{i}" for i in range(20))
    assert len(groups((i, text) for i in range(20_000))[0]) == 20_000


def test_a_threshold_that_the_bands_do_not_reach_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.5"):
        list(near_groups([], threshold=0.3))


def test_texts_are_gone_through_once() -> None:
    pairs = list(enumerate(["the crates wait on the north quay for the harbour master"] * 3))
    assert list(near_groups(iter(pairs))) == list(near_groups(pairs)) != []
