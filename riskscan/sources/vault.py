"""Google Vault's papers: message metadata (CSV, EDRM XML) and counts, as claims to compare.

After Google's help page "Vault export contents" (support.google.com/vault/answer/6099459): beside
``NAME-N.zip``, which hold the mboxes or PSTs, stand ``NAME-metadata.csv`` and ``.xml``,
``NAME-result-counts.csv`` (older: ``-results-count.csv``), error reports and MD5 sums. Several
exports may lie in one folder, so a list speaks of what is named as its own export alone. What an
error report lists is not in the export: each of its entries is told as not read.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator

from riskscan.sources.chat import storable
from riskscan.sources.edrm_xml import documents, entries
from riskscan.sources.item import Claim, Event, NotRead
from riskscan.sources.paper import Paper, counted, message_id, read_paper
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import Stream
from riskscan.sources.table import rows

_OWN = re.compile(r"([^\\]{1,400}-)(?:metadata|results?-counts?)\.(?:csv|xml)\Z", re.I)


def _export(name: str) -> str:
    """What a list named ``NAME-metadata.csv`` speaks of: ``NAME-*``; "" (all) for other names."""
    own = _OWN.match(name)
    return f"{own[1]}*" if own else ""


class _Metadata(Paper):
    """One message a row (CSV) or document (XML)."""

    def claims(self, stream: Stream) -> Iterator[Claim]:
        count = without = 0
        for own in self._ids(stream):
            count += 1
            if own:
                yield from self.claim(self.origin, _export(self.origin.name), "message id", own)
            else:
                without += 1
        self.words = f"Google Vault's metadata of {counted(count, 'message')}"
        if 0 < without < count:
            self.words += f" ({without:,} without Message-ID)"
        yield from self.claim(self.origin, _export(self.origin.name), "messages", str(count))

    @abstractmethod
    def _ids(self, stream: Stream) -> Iterator[str]:
        """The Message-ID of each message, "" where there is none."""


class _MetadataCsv(_Metadata):
    def _ids(self, stream: Stream) -> Iterator[str]:
        for row in rows(stream):
            yield message_id(row.get("rfc822messageid", ""))


class _MetadataXml(_Metadata):
    def _ids(self, stream: Stream) -> Iterator[str]:
        # Google names DocID alone; exports that carry the Message-ID too are not unheard of.
        for document in documents(stream):
            tags = document.by_name()
            yield message_id(tags.get("rfc822messageid", "") or tags.get("messageid", ""))


class _Counts(Paper):
    """Messages an account; the line that names no account is the sum."""

    def claims(self, stream: Stream) -> Iterator[Claim | NotRead]:
        summed = errors = accounts = 0
        told = -1
        for row in rows(stream):
            count = _number(row, "successcount", "messagecount", "count", "results", "messages")
            account = next((v for k, v in row.items() if "account" in k or "email" in k), "")
            if count < 0:
                continue
            if "@" not in account:
                told = count
                continue
            accounts += 1
            summed += count
            errors += max(0, _number(row, "messageerrorcount", "errorcount", "errors"))
        self.words = f"Google Vault's counts of {counted(accounts, 'account')}"
        if errors:
            reason = f"Google Vault did not export {counted(errors, 'message')}, as its counts say"
            yield NotRead(self.origin.source, "", reason, 0, "", True)
        if told >= 0 or accounts:
            messages = told if told >= 0 else summed
            yield from self.claim(self.origin, _export(self.origin.name), "messages", str(messages))


class _Errors(Paper):
    """What Vault could not export, an entry each."""

    def claims(self, stream: Stream) -> Iterator[NotRead]:
        count = 0
        for words in self._entries(stream):
            if not words:
                continue
            count += 1
            reason = f"Google Vault did not export it: {storable(words)}"
            yield NotRead(self.origin.source, f"entry {count}", reason, 0, "", True)
        self.words = "a companion file, no mail: Google Vault's report of errors"

    @abstractmethod
    def _entries(self, stream: Stream) -> Iterator[str]:
        """What each entry says, "" for an empty one."""


class _ErrorsXml(_Errors):
    def _entries(self, stream: Stream) -> Iterator[str]:
        return entries(stream)


class _ErrorsCsv(_Errors):
    def _entries(self, stream: Stream) -> Iterator[str]:
        for row in rows(stream):
            yield "; ".join(f"{name} {value}" for name, value in row.items() if name and value)


def _number(row: dict[str, str], *names: str) -> int:
    for name in names:
        value = row.get(name, "").replace(",", "")
        if value.isascii() and value.isdigit() and len(value) < 16:
            return int(value)
    return -1


def read_vault_csv(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield what a ``-metadata.csv`` claims: each Message-ID, and how many messages."""
    yield from read_paper(_MetadataCsv(blob.origin), reading, blob)


def read_vault_xml(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield what a ``-metadata.xml`` claims: how many messages."""
    yield from read_paper(_MetadataXml(blob.origin), reading, blob)


def read_vault_counts(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield what a ``-result-counts.csv`` claims: how many messages."""
    yield from read_paper(_Counts(blob.origin), reading, blob)


def read_vault_errors_csv(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield what a report of errors as a table lists, as not read."""
    yield from read_paper(_ErrorsCsv(blob.origin), reading, blob)


def read_vault_errors_xml(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield what an ``-errors.xml`` lists, as not read."""
    yield from read_paper(_ErrorsXml(blob.origin), reading, blob)
