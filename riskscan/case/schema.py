"""The tables of a case. docs/case.md explains them to people who query the file themselves."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

SCHEMA_VERSION = 2
# SQLite's application_id: "RISK" in ASCII, so that no other program's file passes for a case.
APPLICATION_ID = 0x5249534B

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("command", String, nullable=False),
    Column("version", String, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("started", String, nullable=False),
    Column("finished", String),
    Column("summary", JSON),
)

units = Table(
    "units",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("export", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("sha256_after", String),
    Column("source", Text, nullable=False, server_default=""),
    Column("events_done", Integer, nullable=False, default=0),
    Column("done", Boolean, nullable=False, default=False),
    UniqueConstraint("path", "sha256"),
)

sources = Table(
    "sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("format", String, nullable=False),
    Column("custodian", String, nullable=False),
    Column("found", Integer, nullable=False, default=0),
    UniqueConstraint("unit_id", "name", "custodian"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("place", Text, nullable=False),
    Column("parent_id", ForeignKey("messages.id"), index=True),
    Column("custodian", String, nullable=False),
    Column("folder", Text, nullable=False),
    Column("medium", String, nullable=False, server_default="mail"),
    Column("conversation", Text, nullable=False, server_default=""),
    Column("message_id", Text, nullable=False, index=True),
    Column("mih", String, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("raw_sha256", String, nullable=False),
    Column("raw_bytes", Integer, nullable=False),
    Column("date", String, index=True),
    Column("date_header", Text, nullable=False),
    Column("sender_name", Text, nullable=False),
    Column("sender_address", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("in_reply_to", JSON, nullable=False),
    Column("references", JSON, nullable=False),
    Column("body_format", String, nullable=False),
    Column("defects", JSON, nullable=False),
    Column("thread_id", String, index=True),
    Column("text_hash", String, nullable=False, index=True),
    Column("text_length", Integer, nullable=False),
    Column("model_id", ForeignKey("models.id")),
    Column("score", Float),
    Column("flagged", Boolean),
    Column("signals", JSON),
    Column("entity_model_id", ForeignKey("models.id")),
)
Index("messages_by_score", messages.c.score)
# The manifest's: counts by source, and a message by its place.
Index("messages_by_source", messages.c.source_id, messages.c.parent_id, messages.c.place)

# Apart from the message: each stage rewrites a message's row, and looking through all rows is fast
# only when they are short.
texts = Table(
    "texts",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("body", Text, nullable=False),
    Column("segments", JSON, nullable=False),
)
Index("texts_empty", texts.c.message_id, sqlite_where=text("body = ''"))

recipients = Table(
    "recipients",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    sqlite_with_rowid=False,
)

attachments = Table(
    "attachments",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("content_type", String, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("unread", String, nullable=False, server_default=""),
)

identities = Table(
    "identities",
    metadata,
    Column("hash", String, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False),
    sqlite_with_rowid=False,
)

duplicates = Table(
    "duplicates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("place", Text, nullable=False),
    Column("embedded", Boolean, nullable=False),
    Column("custodian", String, nullable=False),
    Column("folder", Text, nullable=False),
    Column("own_message_id", Text, nullable=False, index=True),
    Column("content_hash", String, nullable=False),
    Column("same_content", Boolean, nullable=False),
    Column("raw_sha256", String, nullable=False),
    Column("raw_bytes", Integer, nullable=False),
)

Index("duplicates_by_source", duplicates.c.source_id, duplicates.c.embedded, duplicates.c.place)

# kind: "quarantined" (a message that could not be parsed), "not read" (a file that could not be
# read or whose format is unknown), "companion" (a known file that holds no mail). A file that is in
# no unit has its export instead: the next scan of that export says anew what is not read.
unread = Table(
    "unread",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit_id", ForeignKey("units.id"), index=True),
    Column("source_id", ForeignKey("sources.id"), index=True),
    Column("export", Text, index=True),
    Column("kind", String, nullable=False),
    Column("source", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String, nullable=False),
)

# What an export says of itself (counts, hashes), to be compared with what was read. actual: what
# the bytes gave, for a hash that the case does not hold otherwise; NULL: not computed.
claims = Table(
    "claims",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("expected", Text, nullable=False),
    Column("actual", Text),
)

models = Table(
    "models",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("settings", JSON, nullable=False),
    UniqueConstraint("kind", "fingerprint"),
)

findings = Table(
    "findings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("segment", String, nullable=False),
    Column("attachment", Integer),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("signal", String, nullable=False),
    Column("score", Float, nullable=False),
)

entities = Table(
    "entities",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("segment", String, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("label", String, nullable=False),
)

# Who and what the case is about: made anew from headers, entities and corrections after each scan.
# A case of an earlier riskscan may lack the tables from here on; opening it to write adds them.
merged = Table(
    "merged",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("label", String, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("anchor", Text, nullable=False),
    Column("alone", Boolean, nullable=False),
)

merged_forms = Table(
    "merged_forms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("merged_id", ForeignKey("merged.id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("form", Text, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("rule", String, nullable=False),
    Column("other", Text, nullable=False),
    Column("message_id", ForeignKey("messages.id")),
)

merged_mentions = Table(
    "merged_mentions",
    metadata,
    Column("entity_id", ForeignKey("entities.id"), primary_key=True),
    Column("merged_id", ForeignKey("merged.id"), nullable=False),
    Column("rule", String, nullable=False),
)

# role: from, to, cc, bcc, named (in subject or authored text).
appearances = Table(
    "appearances",
    metadata,
    Column("merged_id", ForeignKey("merged.id"), primary_key=True),
    Column("message_id", ForeignKey("messages.id"), primary_key=True, index=True),
    Column("role", String, primary_key=True),
    sqlite_with_rowid=False,
)

counsel = Table(
    "counsel",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("merged_id", ForeignKey("merged.id"), nullable=False, index=True),
    Column("rule", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("message_id", ForeignKey("messages.id")),
)

# That a message may be privileged, and why: a hint, never a decision.
privilege_hints = Table(
    "privilege_hints",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("rule", String, nullable=False),
    Column("merged_id", ForeignKey("merged.id")),
    Column("role", String, nullable=False),
    Column("reason", Text, nullable=False),
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
    Column("reason", String, nullable=False),
    Column("nearest", ForeignKey("messages.id")),
    Column("words", Integer, nullable=False),
    Column("added_words", Integer, nullable=False),
    Column("added", JSON, nullable=False),
)

groupings = Table(
    "groupings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", String, nullable=False),
)

# What a reviewer says of merges and of who is counsel; followed by a later one, never overwritten.
# What one command says is a batch; action "undo" takes back the row of the id in ``one``.
corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("batch", Integer, nullable=False),
    Column("made", String, nullable=False),
    Column("action", String, nullable=False),
    Column("one", Text, nullable=False),
    Column("other", Text, nullable=False),
)

# What reviewers decided: appended, never changed; each row holds the hash of the one before it.
# kind: "decision", "batch" (one of several made at once), "undo" (takes back the row ``undoes``).
decisions = Table(
    "decisions",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("batch", String, nullable=False),
    Column("message_id", ForeignKey("messages.id"), nullable=False),
    Column("content_hash", String, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("made", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("signals", Text, nullable=False),
    Column("privileged", Boolean, nullable=False),
    Column("hot", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("undoes", ForeignKey("decisions.seq")),
    Column("score", Float),
    Column("model", String, nullable=False),
    Column("version", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("sha256", String, nullable=False),
    UniqueConstraint("undoes"),
    sqlite_autoincrement=True,
)
Index("decisions_of_message", decisions.c.message_id, decisions.c.reviewer, decisions.c.seq)
Index("decisions_of_reviewer", decisions.c.reviewer, decisions.c.seq)

GUARDS = ("decisions_stay", "decisions_are_kept")
"""The triggers that refuse to change or delete a decision."""

for _statement in (
    "CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions "
    "BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END",
    "CREATE TRIGGER decisions_are_kept BEFORE DELETE ON decisions "
    "BEGIN SELECT RAISE(ABORT, 'a decision is never deleted'); END",
    # What holds of each message by each reviewer: the last one that was not undone.
    "CREATE VIEW standing_decisions AS SELECT * FROM decisions WHERE seq IN ("
    "SELECT max(seq) FROM decisions WHERE kind <> 'undo' AND seq NOT IN "
    "(SELECT undoes FROM decisions WHERE undoes IS NOT NULL) GROUP BY message_id, reviewer)",
):
    event.listen(decisions, "after_create", DDL(_statement))  # type: ignore[no-untyped-call]

# Filters of the queue that a reviewer gave a name; ``query`` is that of the page's address.
saved_searches = Table(
    "saved_searches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("query", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("made", String, nullable=False),
)

# Decided messages drawn at random for a second reviewer, who does not see the first decision.
second_reviews = Table(
    "second_reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made", String, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("messages", JSON, nullable=False),
)

# What the loop learnt from decisions up to row ``upto`` of the chain. ``messages`` and
# ``probabilities`` are the ranking: 64-bit ids and 32-bit floats, little-endian, likeliest first;
# only the last row's are kept. ``learnt``: words with the weight that they gained or lost.
learnings = Table(
    "learnings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made", String, nullable=False),
    Column("version", String, nullable=False),
    Column("upto", Integer, nullable=False),
    Column("decided", Integer, nullable=False),
    Column("flagged", Integer, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("model", String, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("learnt", JSON, nullable=False),
    Column("messages", LargeBinary),
    Column("probabilities", LargeBinary),
)

# What is to be read next, as the last learning has it, and why: likely, random, uncertain.
queued = Table(
    "queued",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, unique=True),
    Column("learning_id", ForeignKey("learnings.id"), nullable=False),
    Column("probability", Float, nullable=False),
    Column("why", String, nullable=False),
)

# Random samples that are decided blind, to tell how much a review finds (docs/review-loop.md).
# ``frame``: how many messages each stratum had when it was drawn.
samples = Table(
    "samples",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made", String, nullable=False),
    Column("version", String, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("upto", Integer, nullable=False),
    Column("frame", JSON, nullable=False),
    Column("sha256", String, nullable=False),
)

# stratum: "undecided", "not" or "flag", as the message was when it was drawn. reached: the learning
# whose queue came to the message by itself.
sampled = Table(
    "sampled",
    metadata,
    Column("sample_id", ForeignKey("samples.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("stratum", String, nullable=False),
    Column("reached", ForeignKey("learnings.id")),
    sqlite_with_rowid=False,
)
