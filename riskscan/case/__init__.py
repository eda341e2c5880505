"""The case: one matter's workspace on disk."""
