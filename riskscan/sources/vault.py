"""Google Vault's papers: metadata (CSV, EDRM XML) and counts, as claims to compare.

After Google's help page "Vault export contents" (support.google.com/vault/answer/6099459): beside
``NAME-N.zip``, which hold the mboxes or PSTs (``NAME-ACCOUNT-MARK.mbox``), stand
``NAME-metadata.csv`` and ``.xml``, ``NAME-result-counts.csv`` (older, and of Groups and Chat:
``-results-count.csv``), error reports and MD5 sums. Several exports may lie in one folder, so a
list speaks of what is named as its own export alone. What an error report lists is not in the
export: each of its entries is told as not read.

An export of Drive or Sites has files in ``NAME_N.zip``, and its XML the name, size and MD5 of
each. Of mail the XML has a size and hash too, but Google does not say of which bytes (the mbox
adds fields to the header), and an id that stands in the mbox's From_ line alone: they are told as
not compared. Chat and Voice are exported as one message a conversation, whose Message-ID is that
id, while their counts are of posts.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator

from riskscan.sources.chat import storable
from riskscan.sources.digests import KINDS
from riskscan.sources.edrm_xml import Document, documents, entries
from riskscan.sources.item import Claim, Event, NotRead
from riskscan.sources.names import shown
from riskscan.sources.paper import Paper, counted, message_id, read_paper
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import Stream
from riskscan.sources.table import rows

_OWN = re.compile(
    r"([^\\]{1,400})-(?:metadata|(?:results?|accounts?|messages?)-counts?)\.(?:csv|xml)\Z", re.I
)
_DRIVE = frozenset(
    {
        "title", "documenttype", "collaborators", "viewers", "shareddriveid", "sourcehash",
        "publishedurl", "parentid", "docparentid",
    }
)  # fmt: skip
_MAIL = frozenset({"from", "to", "cc", "bcc", "subject", "labels", "rfc822messageid"})
_CHAT = frozenset(
    {
        "roomid", "roomname", "conversationtype", "participants", "datefirstmessagesent",
        "datelastmessagesent", "datefirstmessagereceived", "datelastmessagereceived",
    }
)  # fmt: skip
_HEX = re.compile(r"(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})\Z")
_TOTALS = frozenset({"", "total", "totals", "sum", "all", "all accounts"})
# PartialAccountError, AccountError; other words than Success may be said of an empty account.
_AMISS = re.compile(r"error|fail|partial|incomplete|exception", re.I)


def _export(name: str) -> str:
    """What a list named ``NAME-metadata.csv`` speaks of: ``NAME-*``; "" (all) for other names."""
    own = _OWN.match(name)
    return f"{own[1]}-*" if own else ""


class _MetadataCsv(Paper):
    """One message a row."""

    def claims(self, stream: Stream) -> Iterator[Claim]:
        root, about = self.origin, _export(self.origin.name)
        count = without = 0
        for row in rows(stream):
            count += 1
            if own := message_id(row.get("rfc822messageid", "")):
                yield from self.claim(root, about, "message id", own)
            else:
                without += 1
        if count and without == count:
            self.words = f"Google Vault's list of {counted(count, 'row')} without Message-IDs"
            yield from self.claim(root, about, "rows", str(count))
            return
        self.words = f"Google Vault's metadata of {counted(count, 'message')}"
        if without:
            self.words += f" ({without:,} without Message-ID)"
        yield from self.claim(root, about, "messages", str(count))


class _MetadataXml(Paper):
    """One document a message, a conversation of Chat or Voice, or a file of Drive."""

    def claims(self, stream: Stream) -> Iterator[Claim]:
        root, about = self.origin, _export(self.origin.name)
        self._mail = self._talks = self._files = self._bare = self._hashes = self._sizes = 0
        for document in documents(stream):
            yield from self._document(document)
        messages = self._mail + self._talks
        kinds = ((self._mail, "message"), (self._talks, "conversation"), (self._files, "file"))
        parts = [counted(count, noun) for count, noun in kinds if count] or ["0 messages"]
        self.words = f"Google Vault's metadata of {', '.join(parts)}"
        if self._bare:
            self.words += f" ({self._bare:,} of the files without a name)"
        if messages or not self._files:
            kind = "conversations" if self._talks else "messages"
            yield from self.claim(root, about, kind, str(messages))
        for kind, count in (("message hashes", self._hashes), ("message sizes", self._sizes)):
            if count:
                yield from self.claim(root, about, kind, str(count))

    def _document(self, document: Document) -> Iterator[Claim]:
        tags = document.by_name()
        given = next((f for kind, f in document.files if kind in ("native", "")), {})
        name = given.get("FileName", "").strip()
        size, digest = given.get("FileSize", "").strip(), given.get("Hash", "").strip()
        if _DRIVE & tags.keys() and not _MAIL & tags.keys():
            self._files += 1
            self._bare += not name
            if name:
                yield from self._file(name, size, digest)
            return
        talk = bool(_CHAT & tags.keys())
        self._talks += talk
        self._mail += not talk
        self._hashes += bool(digest)
        self._sizes += bool(size)
        about = _export(self.origin.name)
        # Google names DocID alone; exports that carry the Message-ID too are not unheard of.
        if own := message_id(tags.get("rfc822messageid", "") or tags.get("messageid", "")):
            yield from self.claim(self.origin, about, "message id", own)
        elif talk and (own := message_id(name)):
            yield from self.claim(self.origin, about, "message name", own)

    def _file(self, name: str, size: str, digest: str) -> Iterator[Claim]:
        """What is said of one file; its part of the export (``NAME_2.zip``) is not told."""
        own = _OWN.match(self.origin.name)
        last = shown(name.replace("\\", "/").rstrip("/").rpartition("/")[2])
        about = f"{self.origin.beside(own[1] if own else '')}*//{last}"
        told = [("bytes", size)] if size else []
        if _HEX.match(digest):
            told.append((KINDS[len(digest)], digest.lower()))
        for kind, expected in told or [("file", name)]:
            if self.origin.folder_source:
                yield Claim(self.origin.source, about, kind, expected)


class _Counts(Paper):
    """Messages an account; the line that names no account is the sum."""

    def claims(self, stream: Stream) -> Iterator[Claim | NotRead]:
        summed = errors = accounts = 0
        told = -1
        export = _export(self.origin.name)
        for row in rows(stream):
            account = next((v for k, v in row.items() if "account" in k or "email" in k), "")
            account = account or next(iter(row.values()), "")
            count = _number(row, "successcount", "messagecount", "count", "results", "messages")
            total = account.casefold().strip(" :*()") in _TOTALS
            if not total:
                yield from self._status(account, row)
            if count < 0:
                continue
            if total:
                told = count
                continue
            accounts += 1
            summed += count
            errors += max(0, _number(row, "messageerrorcount", "errorcount", "errors"))
            if "@" in account and export and self.origin.folder_source:
                start = self.origin.beside(export)
                box = shown(export[:-1] + account.replace("/", "_"))
                yield Claim(self.origin.source, f"{start}//{box}*", "account messages", str(count))
        self.words = f"Google Vault's counts of {counted(accounts, 'account')}"
        if errors:
            reason = f"Google Vault did not export {counted(errors, 'message')}, as its counts say"
            yield NotRead(self.origin.source, "", reason, 0, "", True)
        if told >= 0 or accounts:
            messages = told if told >= 0 else summed
            yield from self.claim(self.origin, export, "messages", str(messages))

    def _status(self, account: str, row: dict[str, str]) -> Iterator[NotRead]:
        """That an account was not exported to its end, by Vault's own word."""
        state = row.get("accountstatus") or row.get("status", "")
        if _AMISS.search(state):
            reason = f"Google Vault's counts say {state} of the account {account}"
            yield NotRead(self.origin.source, "", storable(reason), 0, "", True)


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
