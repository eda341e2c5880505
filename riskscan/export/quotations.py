"""Which produced messages hold the text of a withheld one: quoted, forwarded, attached or copied.

Of each withheld text some of its runs of five words are kept, those with the smallest hashes (a
bottom-k sketch: Broder, "On the resemblance and containment of documents", 1997). A produced
message with a third of them holds, but for chance, a third of the text. What authors wrote in many
threads (disclaimers, signatures) is no part of it: it would hide a short text, and name everything.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from itertools import chain

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from riskscan.case import schema
from riskscan.case.batch import pieces
from riskscan.mail.message import Role
from riskscan.mail.shingles import Numbers, runs_of, word_numbers

RUN = 5
"""Words that must follow each other as they do in the withheld text."""
FEWEST = 4
"""Runs of a text that is looked for: one of seven words or fewer says too little."""
COMMON = 10
"""Threads in which authors wrote a run that is common; of more than 1,000 threads 1%."""
_SAMPLE = 2_000
_SAMPLED = 4_096  # runs of one message, at most
_KEPT = 64
_MESSAGES = 200


def quoting(connection: Connection, produced: Collection[int], held: Collection[int]) -> set[int]:
    """The messages of ``produced`` that hold a third or more of a text that one of ``held`` has.

    Withheld texts are what an author wrote (where that is next to nothing, what is forwarded), and
    each attachment's, without what is common in a sample of 2,000 of ``produced``. Memory: some
    dozen bytes for each of at most 64 runs of a withheld text, and 64 MiB for the sample.
    """
    sketches = list(_sketches(connection, held, _common(connection, produced)))
    if not sketches:
        return set()
    sizes = np.array([len(one) for one in sketches], np.int64)
    runs = np.concatenate(sketches)
    owners = np.repeat(np.arange(len(sketches), dtype=np.uint32), sizes)
    order = np.argsort(runs, kind="stable")
    runs, owners = runs[order], owners[order]
    found: set[int] = set()
    for some in pieces(sorted(produced), _MESSAGES):
        for key, texts in _texts(connection, some):
            own = chain([text for text, _ in texts.bodies], texts.files)
            if _holds(_runs(own), runs, owners, sizes):
                found.add(key)
    return found


class _Texts:
    """The body of a message with its segments, and the texts of what is attached."""

    def __init__(self) -> None:
        self.bodies: list[tuple[str, list[tuple[str, int, int]]]] = []
        self.files: list[str] = []


def _texts(connection: Connection, ids: Collection[int]) -> Iterator[tuple[int, _Texts]]:
    found = {key: _Texts() for key in ids}
    texts, files = schema.texts.c, schema.attachments.c
    for row in connection.execute(
        select(texts.message_id, texts.body, texts.segments).where(texts.message_id.in_(ids))
    ):
        segments = row.segments if not isinstance(row.segments, str) else json.loads(row.segments)
        found[row.message_id].bodies.append((row.body, segments))
    for key, text in connection.execute(
        select(files.message_id, files.text).where(files.message_id.in_(ids), files.text != "")
    ):
        found[key].files.append(text)
    yield from found.items()


def _common(connection: Connection, produced: Collection[int]) -> Numbers:
    """The runs that authors wrote in many threads, of a sample of messages.

    By threads: what is quoted without marks in each reply of one is not common.
    """
    mail = schema.messages.c
    ids = sorted(produced)
    threads: dict[object, list[Numbers]] = {}
    for some in pieces(ids[:: -(-len(ids) // _SAMPLE) or 1], _MESSAGES):
        rows = connection.execute(select(mail.id, mail.thread_id).where(mail.id.in_(some)))
        thread = {key: told or key for key, told in rows}
        for key, texts in _texts(connection, some):
            said = (t for body, parts in texts.bodies for t in _said(body, parts, Role.AUTHORED))
            threads.setdefault(thread[key], []).append(_runs(said)[:_SAMPLED])
    if not threads:
        return np.empty(0, np.uint64)
    once = [np.unique(np.concatenate(own)) for own in threads.values()]
    runs, count = np.unique(np.concatenate(once), return_counts=True)
    return runs[count >= max(COMMON, len(threads) // 100)]


def _sketches(connection: Connection, held: Collection[int], common: Numbers) -> Iterator[Numbers]:
    for some in pieces(sorted(held), _MESSAGES):
        for _, texts in _texts(connection, some):
            for body, segments in texts.bodies:
                own = _without(_runs(_said(body, segments, Role.AUTHORED)), common)
                if len(own) < FEWEST:
                    own = _without(_runs(_said(body, segments, Role.FORWARDED)), common)
                yield from _kept(own)
            for text in texts.files:
                yield from _kept(_without(_runs([text]), common))


def _without(runs: Numbers, common: Numbers) -> Numbers:
    return np.setdiff1d(runs, common, assume_unique=True)


def _said(body: str, segments: list[tuple[str, int, int]], role: Role) -> Iterator[str]:
    return (body[start:end] for own, start, end in segments if own == role)


def _runs(texts: Iterator[str] | list[str] | chain[str]) -> Numbers:
    """The runs of texts, each once, sorted."""
    found = [runs_of(word_numbers(text), RUN) for text in texts]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.uint64)


def _kept(runs: Numbers) -> Iterator[Numbers]:
    if len(runs) >= FEWEST:
        yield runs[:_KEPT].copy()


def _holds(
    own: Numbers, runs: Numbers, owners: npt.NDArray[np.uint32], sizes: npt.NDArray[np.int64]
) -> bool:
    """Is a third of one owner's runs among ``own``? ``runs`` and ``own`` are sorted."""
    first = np.searchsorted(runs, own, side="left")
    last = np.searchsorted(runs, own, side="right")
    met = np.flatnonzero(last > first)
    if not len(met):
        return False
    whose = np.concatenate([owners[first[n] : last[n]] for n in met])
    owner, count = np.unique(whose, return_counts=True)
    return bool((3 * count >= sizes[owner]).any())
