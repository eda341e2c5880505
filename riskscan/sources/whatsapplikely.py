"""Whether a text of any name is a WhatsApp chat, by its lines alone.

Other programs write much the same lines: logs, ``git log``, diaries, text copied out of Skype. So
all must fit: one form of stamp that WhatsApp writes, days that do not run backwards, and people
who speak again. A chat that is refused is listed as not read; a log that is taken would be read as
words of people that do not exist.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from riskscan.sources.whatsappline import Stamp, day_first, sender, stamp

_POSTS = 5
_NAME_MAX = 40
_WORDS_MAX = 5
_FILE = re.compile(r"(?:\A[^.]{1,200}|\.te?xt)\Z", re.I)
# What parts day and clock: a comma, or the word that Finnish, French and others have there.
_PARTED = re.compile(r"[,،]|\d (?:klo|à|às|kl\.|at) \d")
_LEVELS = frozenset(
    {
        "debug", "info", "notice", "warn", "warning", "error", "err", "fatal", "critical", "crit",
        "alert", "emerg", "trace", "verbose", "severe", "fine", "log", "stdout", "stderr",
    }
)  # fmt: skip
# What speaks in logs and in backups of text messages, as any word of a name.
_PROGRAMS = frozenset(
    {
        "app", "application", "audit", "backup", "build", "client", "cron", "daemon", "database",
        "http", "incoming", "init", "kernel", "module", "monitor", "nginx", "outgoing", "postgres",
        "process", "received", "request", "response", "scheduler", "sensor", "sent", "server",
        "service", "session", "sync", "system", "systemd", "task", "thread", "watchdog", "worker",
    }
)  # fmt: skip
# The same in logs, diaries and minutes, as the first word.
_LABELS = frozenset(
    {
        "deploy", "from", "host", "input", "job", "main", "output", "root", "status", "to", "user",
        "action", "agenda", "bought", "breakfast", "call", "called", "decision", "dinner", "lunch",
        "meeting", "note", "notes", "present", "supper", "weather", "work",
    }
)  # fmt: skip
_PHONE = re.compile(r"\+\d[\d\s\xa0()./-]{6,24}\Z")
# Paths, brackets of process numbers, settings, names of modules and of machines.
_CODE = re.compile(r"[\[\]{}<>|=\\/#]|\w[._:-]\w{0,40}\d\b|[a-z]{2}[._][a-z]|\b[a-z]\w{0,40}\d")
_WORD = re.compile(r"[^\W\d_]{1,60}")


def names_a_level(name: str) -> bool:
    """Whether a name is, or holds, the level of a log's line."""
    return any(word.casefold() in _LEVELS for word in _WORD.findall(name))


def is_likely(lines: Sequence[str], file_name: str) -> bool:
    """Whether ``lines``, the first of a file without empty ones, are those of a WhatsApp chat."""
    if not _FILE.search(file_name):
        return False
    stamped = [(found, line) for line in lines if (found := stamp(line))]
    stamps = [found for found, _ in stamped]
    if len(stamps) * 2 < len(lines) or not _written_by_whatsapp(stamped):
        return False
    said = Counter(who for found, line in stamped if (who := sender(line[found.end :])[0]))
    posts = said.total()
    again = sum(times for times in said.values() if times > 1)
    return (
        posts >= _POSTS
        and posts * 2 >= len(stamps)
        and again * 2 >= posts
        and len(said) > 1
        and all(map(_may_be_a_name, said))
        and not all(who[0].islower() for who in said)
        # Nobody writes on every fifth minute: who keeps a diary rounds.
        and any(found.minute % 5 for found in stamps)
        and _goes_forward(stamps)
    )


def _written_by_whatsapp(stamped: Sequence[tuple[Stamp, str]]) -> bool:
    """Whether all stamps have one form, of iPhones or Androids."""
    forms = {
        (s.bracket, s.mark, s.year_first, bool(_PARTED.search(line[: s.end])), s.to_the_second)
        for s, line in stamped
    }
    if len(forms) != 1:
        return False
    ((bracket, mark, year_first, parted, seconds),) = forms
    if not bracket:
        return not seconds
    # Without a comma only where no other program is known to write so: Dutch phones.
    return seconds and (parted or (mark == "-" and not year_first and _short_year(stamped)))


def _short_year(stamped: Sequence[tuple[Stamp, str]]) -> bool:
    return all(s.third < 100 for s, _ in stamped)


def _may_be_a_name(who: str) -> bool:
    """Whether somebody may be called so in a phone: no level, label or module of a program."""
    if _PHONE.match(who):
        return True
    words = [word.casefold() for word in _WORD.findall(who)]
    return (
        len(who) <= _NAME_MAX
        and len(who.split()) <= _WORDS_MAX
        and not _CODE.search(who)
        and not names_a_level(who)
        and not (words and words[0] in _LABELS)
        and _PROGRAMS.isdisjoint(words)
    )


def _goes_forward(stamps: Sequence[Stamp]) -> bool:
    order, _ = day_first(stamps)
    moments = [found.moment(order) for found in stamps]
    days = [moment.date() for moment in moments if moment is not None]
    return len(days) == len(stamps) and all(a <= b for a, b in pairwise(days))
