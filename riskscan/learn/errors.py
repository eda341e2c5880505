"""What can go wrong with labelled data, apart from its reading so that naming it is cheap."""

from __future__ import annotations


class DataError(Exception):
    """Labelled data cannot be read or does not suffice; the text is a sentence for the user."""
