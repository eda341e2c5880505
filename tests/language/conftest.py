"""The shipped pipeline, loaded once for all tests of this folder."""

from __future__ import annotations

import pytest
from spacy.language import Language

from riskscan.language.pipeline import load


@pytest.fixture(scope="session")
def nlp() -> Language:
    return load()
