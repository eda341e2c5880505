"""Grouping a case: time, memory, and how many planted near-duplicates of its own texts are found.

    python benchmarks/near.py CASE [--planted 5000] [--libraries]

The case is copied, grouped anew as ``riskscan scan`` does it, and then its texts are grouped once
more together with edited copies of some of them: one word in ten replaced, taken out or added to,
anywhere. Every joined pair is checked against a similarity computed in another way. ``--libraries``
times the MinHash of rensa and of datasketch (if installed) on the same shingles.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np

from riskscan.case.groups import AuthoredTexts
from riskscan.case.store import connect, open_case
from riskscan.engine import peak_rss
from riskscan.mail.near import LEAST_WORDS, THRESHOLD, near_groups
from riskscan.mail.shingles import Numbers, shingles, word_numbers
from riskscan.stages.groups import group
from riskscan.stages.progress import Silent

_PERMUTATIONS = 96


def grouping(case: Path) -> dict[str, float]:
    """Seconds by the clock and of the processor, and the peak in MB, of the stage on a copy."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "case"
        shutil.copytree(case, copy)
        with open_case(copy) as store:
            with store.engine.begin() as connection:
                connection.exec_driver_sql("DELETE FROM groupings")
            began, used = time.perf_counter(), time.process_time()
            group(store, Silent())
            seconds, processor = time.perf_counter() - began, time.process_time() - used
            with store.engine.connect() as connection:
                messages, members, groups, within = (
                    connection.exec_driver_sql(statement).scalar_one()
                    for statement in (
                        "SELECT count(*) FROM messages",
                        "SELECT count(*) FROM near_duplicates",
                        "SELECT count(DISTINCT near_group) FROM near_duplicates",
                        "SELECT count(*) FROM inclusiveness WHERE included_in IS NOT NULL",
                    )
                )
    return {
        "messages": messages, "seconds": round(seconds, 1), "processor": round(processor, 1),
        "peak_mb": peak_rss() // 2**20, "near_duplicates": members, "groups": groups,
        "included": within,
    }  # fmt: skip


def edited(words: list[str], rng: random.Random) -> list[str]:
    """The words with one in ten replaced, taken out or added to."""
    made = list(words)
    for _ in range(len(words) // 10):
        at = rng.randrange(len(made))
        change = rng.randrange(3)
        if change == 0:
            made[at] = f"new{rng.randrange(10**9)}"
        elif change == 1:
            made.insert(at, f"new{rng.randrange(10**9)}")
        else:
            del made[at]
    return made


def jaccard(one: str, other: str) -> float:
    """The similarity of docs/groups.md with Python's own words and sets."""

    def bag(text: str) -> Counter[tuple[int, ...]]:
        words = word_numbers(text).tolist()
        return Counter([*((word,) for word in words), *pairwise(words)])

    a, b = bag(one), bag(other)
    return (a & b).total() / (a | b).total()


def planted(texts: list[str], number: int) -> dict[str, float]:
    """How many edited copies are in the group of their original, and the least similarity joined.

    An original that is itself a near-duplicate counts: its copy may be nearer to another principal.
    """
    rng = random.Random(1)
    long = [i for i, text in enumerate(texts) if len(word_numbers(text)) >= LEAST_WORDS]
    chosen = rng.sample(long, min(number, len(long)))
    copies = [" ".join(edited(texts[i].split(), rng)) for i in chosen]
    both = [*texts, *copies]
    found = {one.key: one for one in near_groups(list(enumerate(both)))}
    together = sum(
        i in found and k in found and found[i].principal == found[k].principal
        for k, i in enumerate(chosen, len(texts))
    )
    least = min(jaccard(both[one.key], both[one.principal]) for one in found.values())
    below = sum(jaccard(both[o.key], both[o.principal]) < THRESHOLD for o in found.values())
    return {
        "planted": len(chosen), "grouped": sum(k in found for k in range(len(texts), len(both))),
        "with_original": together, "pairs": len(found), "least_similarity": round(least, 4),
        "below_threshold": below,
    }  # fmt: skip


def libraries(texts: list[str]) -> dict[str, float]:
    """Microseconds a text of each library's MinHash, on shingles made before."""
    made: list[Numbers] = []
    for start in range(0, len(texts), 500):
        made += shingles([word_numbers(text) for text in texts[start : start + 500]])
    made = [some for some in made if len(some)]
    told: dict[str, float] = {"texts": len(made), "shingles": sum(map(len, made))}
    from rensa import RMinHash  # type: ignore[import-untyped]

    began = time.process_time()
    for start in range(0, len(made), 500):
        some = made[start : start + 500]
        ends = np.cumsum([0, *map(len, some)]).astype(np.uint64)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(
            np.concatenate(some), ends, _PERMUTATIONS, 1
        )
        np.array(matrix.to_rows(), dtype=np.uint32)
    told["rensa_us"] = round((time.process_time() - began) / len(made) * 1e6, 1)
    try:
        from datasketch import MinHash  # type: ignore[import-untyped]
    except ImportError:
        return told
    began = time.process_time()
    for numbers in made:
        MinHash(_PERMUTATIONS, hashfunc=int, scheme="affine64").update_batch(numbers)
    told["datasketch_us"] = round((time.process_time() - began) / len(made) * 1e6, 1)
    return told


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", type=Path)
    parser.add_argument("--planted", type=int, default=5000)
    parser.add_argument("--libraries", action="store_true")
    options = parser.parse_args()
    print(json.dumps({"grouping": grouping(options.case)}))
    with connect(options.case).connect() as connection:
        texts = [text for _, text in AuthoredTexts(connection)]
    print(json.dumps({"planted": planted(texts, options.planted)}))
    if options.libraries:
        print(json.dumps({"libraries": libraries(texts[:10_000])}))


if __name__ == "__main__":
    main()
