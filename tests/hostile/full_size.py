"""Every hostile message at full size: ``full_size.py [MEGABYTES] [WORD ...]``, slowest first.

Each is parsed in a process of its own, and may take 60 seconds. ``WORD``: only makers with it in
their name. Not part of the test suite: it takes ten minutes.
"""

from __future__ import annotations

import multiprocessing
import queue
import resource
import sys
import time
from multiprocessing.queues import Queue

from hostile_mail import MESSAGES

SECONDS = 60
Told = tuple[float, int, str]


def parse(name: str, size: int, told: Queue[Told]) -> None:
    """Parse one message and tell processor time, peak memory in MiB, and what came of it."""
    from riskscan.mail.parse import MailError, parse_message

    data = MESSAGES[name](size)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 10, SECONDS + 10))
    before = time.process_time()
    try:
        message = parse_message(data)
        ended = f"{message.body_format}, {len(message.body):,} characters"
    except MailError as error:
        ended = error.reason
    seconds = time.process_time() - before
    told.put((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, ended))


def run(name: str, size: int) -> Told:
    """The same in a process of its own."""
    context = multiprocessing.get_context("fork")
    told: Queue[Told] = context.Queue()
    process = context.Process(target=parse, args=(name, size, told))
    process.start()
    process.join()
    try:
        return told.get(timeout=1)
    except queue.Empty:
        return float(SECONDS), 0, f"died ({process.exitcode})"


def main() -> None:
    """Run all and list them."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    names = [n for n in MESSAGES if not sys.argv[2:] or any(w in n for w in sys.argv[2:])]
    rows = [(*run(name, megabytes * 10**6), name) for name in names]
    for seconds, memory, ended, name in sorted(rows, reverse=True):
        print(f"{seconds:7.2f} s {memory:6,} MiB  {name:32} {ended}")


if __name__ == "__main__":
    main()
