"""The tables of a case. docs/case.md explains them to people who query the file themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    event,
    func,
    text,
)

from riskscan.case.escape import CODE, INTEGER, NAME, TEXT

SCHEMA_VERSION = 3
# SQLite's application_id: "RISK" in ASCII, so that no other program's file passes for a case.
APPLICATION_ID = 0x5249534B

metadata = MetaData()


def _by_text(column: Column[str]) -> None:
    """An index to find what others wrote; in PostgreSQL a hash: a tree takes no long text."""
    Index(f"ix_{column.table.name}_{column.name}", column, postgresql_using="hash")


def _by_source(table: Table, *columns: Column[Any]) -> None:
    """An index by source and place."""
    name = f"{table.name}_by_source"
    Index(name, *columns, table.c.place).ddl_if(dialect="sqlite")
    Index(name, *columns).ddl_if(dialect="postgresql")
    Index(f"{table.name}_by_place", table.c.place, postgresql_using="hash").ddl_if(
        dialect="postgresql"
    )


runs = Table(
    "runs",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("command", CODE, nullable=False),
    Column("version", CODE, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("started", CODE, nullable=False),
    Column("finished", CODE),
    Column("summary", JSON),
)

units = Table(
    "units",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("export", TEXT, nullable=False),
    Column("path", TEXT, nullable=False),
    Column("kind", CODE, nullable=False),
    Column("bytes", INTEGER, nullable=False),
    Column("sha256", CODE, nullable=False),
    Column("sha256_after", CODE),
    Column("source", TEXT, nullable=False, server_default=""),
    Column("events_done", INTEGER, nullable=False, default=0),
    Column("done", Boolean, nullable=False, default=False),
    UniqueConstraint("path", "sha256").ddl_if(dialect="sqlite"),
)
Index("units_once", func.md5(units.c.path), units.c.sha256, unique=True).ddl_if(
    dialect="postgresql"
)

sources = Table(
    "sources",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    Column("name", TEXT, nullable=False),
    Column("format", CODE, nullable=False),
    Column("custodian", NAME, nullable=False),
    Column("found", INTEGER, nullable=False, default=0),
    UniqueConstraint("unit_id", "name", "custodian").ddl_if(dialect="sqlite"),
)
Index(
    "sources_once", sources.c.unit_id, func.md5(sources.c.name), func.md5(sources.c.custodian),
    unique=True,
).ddl_if(dialect="postgresql")  # fmt: skip

messages = Table(
    "messages",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("place", TEXT, nullable=False),
    Column("parent_id", ForeignKey("messages.id"), index=True),
    Column("custodian", NAME, nullable=False),
    Column("folder", TEXT, nullable=False),
    Column("medium", CODE, nullable=False, server_default="mail"),
    Column("conversation", TEXT, nullable=False, server_default=""),
    # What became of it by its source's word: "deleted ...", "edited ...", "an earlier version ...".
    Column("state", TEXT, nullable=False, server_default=""),
    Column("message_id", TEXT, nullable=False),
    Column("mih", CODE, nullable=False),
    Column("content_hash", CODE, nullable=False),
    Column("raw_sha256", CODE, nullable=False),
    Column("raw_bytes", INTEGER, nullable=False),
    Column("date", CODE, index=True),
    Column("date_header", TEXT, nullable=False),
    Column("sender_name", TEXT, nullable=False),
    Column("sender_address", TEXT, nullable=False),
    Column("subject", TEXT, nullable=False),
    Column("in_reply_to", JSON, nullable=False),
    Column("references", JSON, nullable=False),
    Column("body_format", CODE, nullable=False),
    Column("defects", JSON, nullable=False),
    Column("thread_id", NAME),
    Column("text_hash", CODE, nullable=False, index=True),
    Column("text_length", INTEGER, nullable=False),
    Column("model_id", ForeignKey("models.id")),
    Column("score", Float),
    Column("flagged", Boolean),
    Column("signals", JSON),
    Column("entity_model_id", ForeignKey("models.id")),
)
Index("messages_by_score", messages.c.score).ddl_if(dialect="sqlite")
Index("messages_by_score", messages.c.score.desc().nulls_last(), messages.c.id).ddl_if(
    dialect="postgresql"
)
Index(
    "messages_without_thread",
    messages.c.id,
    postgresql_where=messages.c.thread_id.is_(None),
).ddl_if(dialect="postgresql")
# The manifest's: counts by source, and a message by its place.
_by_source(messages, messages.c.source_id, messages.c.parent_id)
_by_text(messages.c.message_id)
_by_text(messages.c.thread_id)

# Apart from the message: each stage rewrites a message's row, and looking through all rows is fast
# only when they are short.
texts = Table(
    "texts",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("body", TEXT, nullable=False),
    Column("segments", JSON, nullable=False),
)
Index(
    "texts_empty",
    texts.c.message_id,
    sqlite_where=text("body = ''"),
    postgresql_where=text("body = ''"),
)

recipients = Table(
    "recipients",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("position", INTEGER, primary_key=True),
    Column("kind", CODE, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("address", TEXT, nullable=False),
    sqlite_with_rowid=False,
)

attachments = Table(
    "attachments",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("position", INTEGER, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("content_type", NAME, nullable=False),
    Column("bytes", INTEGER, nullable=False),
    Column("sha256", CODE, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("unread", NAME, nullable=False, server_default=""),
    # What it is in the message (mail.message.AttachmentRole); "" in cases of before.
    Column("role", CODE, nullable=False, server_default=""),
)

identities = Table(
    "identities",
    metadata,
    Column("hash", CODE, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False),
    sqlite_with_rowid=False,
)

duplicates = Table(
    "duplicates",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("place", TEXT, nullable=False),
    Column("embedded", Boolean, nullable=False),
    Column("custodian", NAME, nullable=False),
    Column("folder", TEXT, nullable=False),
    Column("own_message_id", TEXT, nullable=False),
    Column("content_hash", CODE, nullable=False),
    Column("same_content", Boolean, nullable=False),
    Column("raw_sha256", CODE, nullable=False),
    Column("raw_bytes", INTEGER, nullable=False),
    Column("state", TEXT, nullable=False, server_default=""),
)
_by_source(duplicates, duplicates.c.source_id, duplicates.c.embedded)
_by_text(duplicates.c.own_message_id)

# kind: "quarantined" (a message that could not be parsed), "not read" (a file that could not be
# read or whose format is unknown), "companion" (a known file that holds no mail). A file that is in
# no unit has its export instead: the next scan of that export says anew what is not read.
unread = Table(
    "unread",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("unit_id", ForeignKey("units.id"), index=True),
    Column("source_id", ForeignKey("sources.id"), index=True),
    Column("export", TEXT),
    Column("kind", CODE, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("place", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("bytes", INTEGER, nullable=False),
    Column("sha256", CODE, nullable=False),
)
_by_text(unread.c.export)

# What an export says of itself (counts, hashes), to be compared with what was read. actual: what
# the bytes gave, for a hash that the case does not hold otherwise; NULL: not computed.
claims = Table(
    "claims",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    Column("source", TEXT, nullable=False),
    Column("about", TEXT, nullable=False),
    Column("kind", CODE, nullable=False),
    Column("expected", TEXT, nullable=False),
    Column("actual", TEXT),
)

models = Table(
    "models",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("kind", CODE, nullable=False),
    Column("name", NAME, nullable=False),
    Column("fingerprint", CODE, nullable=False),
    Column("settings", JSON, nullable=False),
    UniqueConstraint("kind", "fingerprint"),
)

findings = Table(
    "findings",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("segment", CODE, nullable=False),
    Column("attachment", INTEGER),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("signal", CODE, nullable=False),
    Column("score", Float, nullable=False),
)

entities = Table(
    "entities",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("segment", CODE, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("label", NAME, nullable=False),
)

# Who and what the case is about: made anew from headers, entities and corrections after each scan.
# A case of an earlier riskscan may lack the tables from here on; opening it to write adds them.
merged = Table(
    "merged",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("label", NAME, nullable=False, index=True),
    Column("name", TEXT, nullable=False),
    Column("anchor", TEXT, nullable=False),
    Column("alone", Boolean, nullable=False),
)

merged_forms = Table(
    "merged_forms",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("merged_id", ForeignKey("merged.id"), nullable=False, index=True),
    Column("kind", CODE, nullable=False),
    Column("form", TEXT, nullable=False),
    Column("number", INTEGER, nullable=False),
    Column("rule", CODE, nullable=False),
    Column("other", TEXT, nullable=False),
    Column("message_id", ForeignKey("messages.id")),
)
_by_text(merged_forms.c.form)

merged_mentions = Table(
    "merged_mentions",
    metadata,
    Column("entity_id", ForeignKey("entities.id"), primary_key=True),
    Column("merged_id", ForeignKey("merged.id"), nullable=False),
    Column("rule", CODE, nullable=False),
)

# role: from, to, cc, bcc, named (in subject or authored text).
appearances = Table(
    "appearances",
    metadata,
    Column("merged_id", ForeignKey("merged.id"), primary_key=True),
    Column("message_id", ForeignKey("messages.id"), primary_key=True, index=True),
    Column("role", CODE, primary_key=True),
    sqlite_with_rowid=False,
)

counsel = Table(
    "counsel",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("merged_id", ForeignKey("merged.id"), nullable=False, index=True),
    Column("rule", CODE, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("message_id", ForeignKey("messages.id")),
)

# That a message may be privileged, and why: a hint, never a decision.
privilege_hints = Table(
    "privilege_hints",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("rule", CODE, nullable=False),
    Column("merged_id", ForeignKey("merged.id")),
    Column("role", CODE, nullable=False),
    Column("reason", TEXT, nullable=False),
)

# Mail as reviewers group it (docs/groups.md): made anew when messages or threads have changed.
# near_group: the message that the others of the group are like; it has a row too.
near_duplicates = Table(
    "near_duplicates",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("near_group", ForeignKey("messages.id"), nullable=False, index=True),
    Column("similarity", Float, nullable=False),
)

# included_in: the message of the thread that holds all of this one; NULL for an inclusive one.
inclusiveness = Table(
    "inclusiveness",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("included_in", ForeignKey("messages.id"), index=True),
    Column("reason", CODE, nullable=False),
    Column("nearest", ForeignKey("messages.id")),
    Column("words", INTEGER, nullable=False),
    Column("added_words", INTEGER, nullable=False),
    Column("added", JSON, nullable=False),
)

groupings = Table(
    "groupings",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("fingerprint", CODE, nullable=False),
)

mergings = Table(
    "mergings",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("fingerprint", CODE, nullable=False),
)

# Under whose name all of a unit was scanned that had been read under other ones before.
unit_custodians = Table(
    "unit_custodians",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    Column("custodian", NAME, nullable=False),
)

# What a reviewer says of merges and of who is counsel; followed by a later one, never overwritten.
# What one command says is a batch; action "undo" takes back the row of the id in ``one``.
corrections = Table(
    "corrections",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("batch", INTEGER, nullable=False),
    Column("made", CODE, nullable=False),
    Column("action", CODE, nullable=False),
    Column("one", TEXT, nullable=False),
    Column("other", TEXT, nullable=False),
)

# What reviewers decided: appended, never changed; each row holds the hash of the one before it.
# kind: "decision", "batch" (one of several made at once), "undo" (takes back the row ``undoes``;
# without one it takes nothing back, and its note says what was done beside deciding).
decisions = Table(
    "decisions",
    metadata,
    Column("seq", INTEGER, Identity(), primary_key=True),
    Column("kind", CODE, nullable=False),
    Column("batch", CODE, nullable=False),
    Column("message_id", ForeignKey("messages.id"), nullable=False),
    Column("content_hash", CODE, nullable=False),
    Column("reviewer", TEXT, nullable=False),
    Column("made", CODE, nullable=False),
    Column("verdict", CODE, nullable=False),
    Column("signals", TEXT, nullable=False),
    Column("privileged", Boolean, nullable=False),
    Column("hot", Boolean, nullable=False),
    Column("note", TEXT, nullable=False),
    Column("undoes", ForeignKey("decisions.seq")),
    Column("score", Float),
    Column("model", CODE, nullable=False),
    Column("version", CODE, nullable=False),
    Column("previous", CODE, nullable=False),
    Column("sha256", CODE, nullable=False),
    UniqueConstraint("undoes"),
    sqlite_autoincrement=True,
)
Index("decisions_of_message", decisions.c.message_id, decisions.c.reviewer, decisions.c.seq)
Index("decisions_of_reviewer", decisions.c.reviewer, decisions.c.seq)

GUARDS = ("decisions_stay", "decisions_are_kept")
"""The triggers that refuse to change or delete a decision."""

_REFUSED = (
    "CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions "
    "BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END",
    "CREATE TRIGGER decisions_are_kept BEFORE DELETE ON decisions "
    "BEGIN SELECT RAISE(ABORT, 'a decision is never deleted'); END",
)
_REFUSE = "BEGIN RAISE EXCEPTION 'a decision is never %', TG_ARGV[0]; END"
_REFUSED_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION decisions_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$${_REFUSE.replace('%', '%%')}$$",
    "CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions "
    "FOR EACH STATEMENT EXECUTE FUNCTION decisions_refuse('changed')",
    "CREATE TRIGGER decisions_are_kept BEFORE DELETE OR TRUNCATE ON decisions "
    "FOR EACH STATEMENT EXECUTE FUNCTION decisions_refuse('deleted')",
)
# What holds of each message by each reviewer: the last one that was not undone.
_STANDING = (
    "CREATE VIEW standing_decisions AS SELECT * FROM decisions WHERE seq IN ("
    "SELECT max(seq) FROM decisions WHERE kind <> 'undo' AND seq NOT IN "
    "(SELECT undoes FROM decisions WHERE undoes IS NOT NULL) GROUP BY message_id, reviewer)"
)


def guards(dialect: str) -> list[DDL]:
    """The statements that make ``GUARDS`` and the view, in a database of this kind."""
    refused = _REFUSED_POSTGRESQL if dialect == "postgresql" else _REFUSED
    made = [DDL(one) for one in (*refused, _STANDING)]  # type: ignore[no-untyped-call]
    return [one.execute_if(dialect=dialect) for one in made]


def refusals(dialect: str) -> dict[str, str]:
    """By name, each of ``GUARDS`` as a database of this kind tells it.

    PostgreSQL: what ``pg_get_triggerdef`` says, a space, and the text of the function.
    """
    if dialect == "postgresql":
        told = [f"{one} {_REFUSE}" for one in _REFUSED_POSTGRESQL[1:]]
    else:
        told = list(_REFUSED)
    return dict(zip(GUARDS, told, strict=True))


for _dialect in ("sqlite", "postgresql"):
    for _guard in guards(_dialect):
        event.listen(decisions, "after_create", _guard)

# Each row follows another one: the chain cannot fork, whoever writes to the database.
Index("decisions_follow", decisions.c.previous, unique=True).ddl_if(dialect="postgresql")

# What was sent with a key that its sender made: the rows that came of it, and the hash of what was
# said. What is sent again, because no answer came, is not entered twice.
submissions = Table(
    "submissions",
    metadata,
    Column("key", CODE, primary_key=True),
    Column("sha256", CODE, nullable=False),
    Column("first", INTEGER, nullable=False),
    Column("last", INTEGER, nullable=False),
)

# Who has a message before them, until when (seconds since 1970, by the clock of the database).
leases = Table(
    "leases",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("reviewer", TEXT, nullable=False),
    Column("until", Float, nullable=False),
)

# Filters of the queue that a reviewer gave a name; ``query`` is that of the page's address.
saved_searches = Table(
    "saved_searches",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("name", TEXT, nullable=False, unique=True),
    Column("query", TEXT, nullable=False),
    Column("reviewer", TEXT, nullable=False),
    Column("made", CODE, nullable=False),
)

# Decided messages drawn at random for a second reviewer, who does not see the first decision.
second_reviews = Table(
    "second_reviews",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("made", CODE, nullable=False),
    Column("reviewer", TEXT, nullable=False),
    Column("seed", INTEGER, nullable=False),
    Column("messages", JSON, nullable=False),
)

# What the loop learnt from decisions up to row ``upto`` of the chain. ``messages`` and
# ``probabilities`` are the ranking: 64-bit ids and 32-bit floats, little-endian, likeliest first;
# only the last row's are kept. ``learnt``: words with the weight that they gained or lost.
learnings = Table(
    "learnings",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("made", CODE, nullable=False),
    Column("version", CODE, nullable=False),
    Column("upto", INTEGER, nullable=False),
    Column("decided", INTEGER, nullable=False),
    Column("flagged", INTEGER, nullable=False),
    Column("seed", INTEGER, nullable=False),
    Column("model", CODE, nullable=False),
    Column("batch", INTEGER, nullable=False),
    Column("learnt", JSON, nullable=False),
    Column("messages", LargeBinary),
    Column("probabilities", LargeBinary),
)

# What is to be read next, as the last learning has it, and why: likely, random, uncertain.
queued = Table(
    "queued",
    metadata,
    Column("position", INTEGER, primary_key=True, autoincrement=False),
    Column("message_id", ForeignKey("messages.id"), nullable=False, unique=True),
    Column("learning_id", ForeignKey("learnings.id"), nullable=False),
    Column("probability", Float, nullable=False),
    Column("why", CODE, nullable=False),
)

# Random samples that are decided blind, to tell how much a review finds (docs/review-loop.md).
# ``frame``: how many messages each stratum had when it was drawn.
samples = Table(
    "samples",
    metadata,
    Column("id", INTEGER, primary_key=True, autoincrement=False),
    Column("made", CODE, nullable=False),
    Column("version", CODE, nullable=False),
    Column("seed", INTEGER, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("upto", INTEGER, nullable=False),
    Column("frame", JSON, nullable=False),
    Column("sha256", CODE, nullable=False),
)

# stratum: "undecided", "not" or "flag", as the message was when it was drawn. reached: the learning
# whose queue came to the message by itself.
sampled = Table(
    "sampled",
    metadata,
    Column("sample_id", ForeignKey("samples.id"), primary_key=True),
    Column("position", INTEGER, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("stratum", CODE, nullable=False),
    Column("reached", ForeignKey("learnings.id")),
    sqlite_with_rowid=False,
)

# The messages that were read past in the queue after the draw and are not of the sample. What was
# read otherwise (by a search, in another order) is not among them.
passed = Table(
    "passed",
    metadata,
    Column("sample_id", ForeignKey("samples.id"), primary_key=True),
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("learning_id", ForeignKey("learnings.id"), nullable=False),
    sqlite_with_rowid=False,
)

# SQLite has never looked at these. PostgreSQL would, at each row, and would ask for an order of
# deleting that the stages, which make several tables anew at once, do not keep.
for _table in metadata.tables.values():
    for _key in _table.foreign_key_constraints:
        _key.ddl_if(dialect="sqlite")
