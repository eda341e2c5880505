"""The stages of a scan: each takes what is pending in the case and commits it batch by batch."""
