-- The tables of a case as riskscan made them with schema version 1.

CREATE TABLE runs (
  id INTEGER NOT NULL,
  command VARCHAR NOT NULL,
  version VARCHAR NOT NULL,
  settings JSON NOT NULL,
  started VARCHAR NOT NULL,
  finished VARCHAR,
  summary JSON,
  PRIMARY KEY (id)
);

CREATE TABLE units (
  id INTEGER NOT NULL,
  export TEXT NOT NULL,
  path TEXT NOT NULL,
  kind VARCHAR NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 VARCHAR NOT NULL,
  sha256_after VARCHAR,
  events_done INTEGER NOT NULL,
  done BOOLEAN NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (path, sha256)
);

CREATE TABLE models (
  id INTEGER NOT NULL,
  kind VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  fingerprint VARCHAR NOT NULL,
  settings JSON NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (kind, fingerprint)
);

CREATE TABLE sources (
  id INTEGER NOT NULL,
  unit_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  format VARCHAR NOT NULL,
  custodian VARCHAR NOT NULL,
  found INTEGER NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (unit_id, name, custodian),
  FOREIGN KEY(unit_id) REFERENCES units (id)
);

CREATE TABLE messages (
  id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  place TEXT NOT NULL,
  parent_id INTEGER,
  custodian VARCHAR NOT NULL,
  folder TEXT NOT NULL,
  message_id TEXT NOT NULL,
  mih VARCHAR NOT NULL,
  content_hash VARCHAR NOT NULL,
  raw_sha256 VARCHAR NOT NULL,
  raw_bytes INTEGER NOT NULL,
  date VARCHAR,
  date_header TEXT NOT NULL,
  sender_name TEXT NOT NULL,
  sender_address TEXT NOT NULL,
  subject TEXT NOT NULL,
  in_reply_to JSON NOT NULL,
  "references" JSON NOT NULL,
  body_format VARCHAR NOT NULL,
  defects JSON NOT NULL,
  thread_id VARCHAR,
  text_hash VARCHAR NOT NULL,
  text_length INTEGER NOT NULL,
  model_id INTEGER,
  score FLOAT,
  flagged BOOLEAN,
  signals JSON,
  entity_model_id INTEGER,
  PRIMARY KEY (id),
  FOREIGN KEY(source_id) REFERENCES sources (id),
  FOREIGN KEY(parent_id) REFERENCES messages (id),
  FOREIGN KEY(model_id) REFERENCES models (id),
  FOREIGN KEY(entity_model_id) REFERENCES models (id)
);

CREATE INDEX ix_messages_text_hash ON messages (text_hash);

CREATE INDEX ix_messages_parent_id ON messages (parent_id);

CREATE INDEX ix_messages_message_id ON messages (message_id);

CREATE INDEX ix_messages_thread_id ON messages (thread_id);

CREATE INDEX ix_messages_date ON messages (date);

CREATE INDEX messages_by_score ON messages (score);

CREATE TABLE unread (
  id INTEGER NOT NULL,
  unit_id INTEGER,
  source_id INTEGER,
  export TEXT,
  kind VARCHAR NOT NULL,
  source TEXT NOT NULL,
  place TEXT NOT NULL,
  reason TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(unit_id) REFERENCES units (id),
  FOREIGN KEY(source_id) REFERENCES sources (id)
);

CREATE INDEX ix_unread_source_id ON unread (source_id);

CREATE INDEX ix_unread_export ON unread (export);

CREATE INDEX ix_unread_unit_id ON unread (unit_id);

CREATE TABLE texts (
  message_id INTEGER NOT NULL,
  body TEXT NOT NULL,
  segments JSON NOT NULL,
  PRIMARY KEY (message_id),
  FOREIGN KEY(message_id) REFERENCES messages (id)
);

CREATE TABLE recipients (
  message_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  kind VARCHAR NOT NULL,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (message_id, position),
  FOREIGN KEY(message_id) REFERENCES messages (id)
)
 WITHOUT ROWID;

CREATE TABLE attachments (
  message_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  content_type VARCHAR NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 VARCHAR NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (message_id, position),
  FOREIGN KEY(message_id) REFERENCES messages (id)
);

CREATE TABLE identities (
  hash VARCHAR NOT NULL,
  message_id INTEGER NOT NULL,
  PRIMARY KEY (hash),
  FOREIGN KEY(message_id) REFERENCES messages (id)
)
 WITHOUT ROWID;

CREATE TABLE duplicates (
  id INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  place TEXT NOT NULL,
  embedded BOOLEAN NOT NULL,
  custodian VARCHAR NOT NULL,
  folder TEXT NOT NULL,
  own_message_id TEXT NOT NULL,
  content_hash VARCHAR NOT NULL,
  same_content BOOLEAN NOT NULL,
  raw_sha256 VARCHAR NOT NULL,
  raw_bytes INTEGER NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(message_id) REFERENCES messages (id),
  FOREIGN KEY(source_id) REFERENCES sources (id)
);

CREATE INDEX ix_duplicates_message_id ON duplicates (message_id);

CREATE INDEX ix_duplicates_source_id ON duplicates (source_id);

CREATE TABLE findings (
  id INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  segment VARCHAR NOT NULL,
  attachment INTEGER,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  text TEXT NOT NULL,
  signal VARCHAR NOT NULL,
  score FLOAT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(message_id) REFERENCES messages (id)
);

CREATE INDEX ix_findings_message_id ON findings (message_id);

CREATE TABLE entities (
  id INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  segment VARCHAR NOT NULL,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  text TEXT NOT NULL,
  label VARCHAR NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(message_id) REFERENCES messages (id)
);

CREATE INDEX ix_entities_message_id ON entities (message_id);

PRAGMA application_id=1380537163;

PRAGMA user_version=1;
