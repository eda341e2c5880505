"""The tables of a case. docs/case.md explains them to people who query the file themselves."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
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

# Apart from the message: each stage rewrites a message's row, and looking through all rows is fast
# only when they are short.
texts = Table(
    "texts",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("body", Text, nullable=False),
    Column("segments", JSON, nullable=False),
)

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
    Column("source_id", ForeignKey("sources.id"), nullable=False, index=True),
    Column("place", Text, nullable=False),
    Column("embedded", Boolean, nullable=False),
    Column("custodian", String, nullable=False),
    Column("folder", Text, nullable=False),
    Column("own_message_id", Text, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("same_content", Boolean, nullable=False),
    Column("raw_sha256", String, nullable=False),
    Column("raw_bytes", Integer, nullable=False),
)

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

# What an export says of itself (counts, hashes), to be compared with what was read.
claims = Table(
    "claims",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("expected", Text, nullable=False),
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
