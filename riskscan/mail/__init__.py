"""Bytes to message: parse, body, segments, identity, thread."""
