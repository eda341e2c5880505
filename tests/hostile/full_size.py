"""Every hostile message at full size: ``full_size.py [MEGABYTES] [WORD ...]``.

Each is parsed in a process of its own, with the process for its documents, and may take 60
seconds. Seconds are processor time of both. ``WORD``: only makers with it in their name. Not part
of the test suite: it takes ten minutes.
"""

from __future__ import annotations

import multiprocessing
import queue
import resource
import sys
import time
from multiprocessing.queues import Queue

from hostile_documents import MAIL
from hostile_mail import MESSAGES

from riskscan.mail.documents import process
from riskscan.mail.parse import MailError, parse_message

SECONDS = 60
Told = tuple[float, int, str]
ALL = MESSAGES | MAIL


def parse(name: str, size: int, told: Queue[Told]) -> None:
    """Parse one message and tell processor time, peak memory in MiB, and what came of it."""
    data = ALL[name](size)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 10, SECONDS + 10))
    before = time.process_time()
    try:
        message = parse_message(data)
        unread = sorted({a.unread for a in message.attachments if a.unread})
        ended = f"{message.body_format}, {len(message.body):,} characters; {'; '.join(unread)[:90]}"
    except MailError as error:
        ended = error.reason
    seconds = time.process_time() - before
    process._process.close()
    documents = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds += documents.ru_utime + documents.ru_stime
    told.put((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, ended))


def run(name: str, size: int) -> Told:
    """The same in a process of its own."""
    context = multiprocessing.get_context("fork")
    told: Queue[Told] = context.Queue()
    one = context.Process(target=parse, args=(name, size, told))
    one.start()
    one.join()
    try:
        return told.get(timeout=1)
    except queue.Empty:
        return float(SECONDS), 0, f"died ({one.exitcode})"


def main() -> None:
    """Run all, list them, then the slowest."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    names = [n for n in ALL if not sys.argv[2:] or any(w in n for w in sys.argv[2:])]
    rows = []
    for name in names:
        seconds, memory, ended = run(name, megabytes * 10**6)
        rows.append((seconds, f"{seconds:7.2f} s {memory:6,} MiB  {name:32} {ended}"))
        print(rows[-1][1], flush=True)
    print("\nThe slowest")
    for _, line in sorted(rows, reverse=True)[:12]:
        print(line)


if __name__ == "__main__":
    main()
