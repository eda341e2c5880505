"""What can go wrong with a model, apart from its loading so that naming it costs no import."""

from __future__ import annotations


class ModelError(Exception):
    """A model cannot be loaded or used; the text is a sentence for the user."""
