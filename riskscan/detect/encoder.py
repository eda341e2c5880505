"""The encoder: a small transformer that reads what the linear models rank high, words in order.

It says of a window of word pieces how likely it voices concern, which pieces are the evidence, and
which signal it is. A model folder holds it as ``encoder.npz`` (arrays, see ``network``) and
``encoder.txt`` (its pieces, a line each); ``encoder_texts.npy`` tells again what it was taught.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from riskscan.detect.assessment import SIGNALS
from riskscan.detect.description import NETWORK
from riskscan.detect.errors import ModelError
from riskscan.detect.linear import Floats
from riskscan.detect.network import Network, Said
from riskscan.detect.windows import MOST_PIECES, Window
from riskscan.detect.wordpieces import WordPieces

VOCABULARY, TAUGHT = "encoder.txt", "encoder_texts.npy"
FILES = (NETWORK, VOCABULARY, TAUGHT)
# Bytes of a file.
_LARGEST = 2**26


@dataclass(frozen=True, slots=True)
class Look:
    """What the encoder says of a text: log-odds of concern, of its signals, of its sentences.

    ``sentences`` has those in its windows alone.
    """

    flag: float
    signals: Floats
    sentences: dict[int, float]


class Encoder:
    """A trained encoder. ``sha256`` tells it from others."""

    def __init__(self, network: bytes, vocabulary: str, taught: bytes = b"") -> None:
        """``network``: the content of an ``encoder.npz``; ``vocabulary``: of an ``encoder.txt``.

        ``taught``: of an ``encoder_texts.npy``, hashes of all that it was taught (``learn.seen``).
        Raises ValueError when they are damaged, or do not fit together.
        """
        digest = hashlib.sha256(network)
        digest.update(vocabulary.encode())
        self.sha256 = digest.hexdigest()
        self._files = {NETWORK: network, VOCABULARY: vocabulary.encode(), TAUGHT: taught}
        self.pieces = WordPieces(vocabulary.split("\n"))
        with _single.held():
            self.network = Network(network)
        words, places = len(self.network.words[0]), len(self.network.positions)
        if words != len(self.pieces.vocabulary):
            raise ValueError("its network and its vocabulary do not fit together")
        if places < MOST_PIECES or self.network.signals != len(SIGNALS):
            raise ValueError("its network does not read windows of a text")

    def look(self, windows: Sequence[Window], domain: str = "") -> Look:
        """Read the windows of one text, one at least; the one of the greatest log-odds leads.

        ``domain``: that of the text; the encoder may have learnt to read it otherwise.
        """
        with _single.held():
            said = [self.network.read(w.pieces, w.kinds, domain) for w in windows]
        lead = max(range(len(said)), key=lambda k: (said[k].flag, -k))
        sentences: dict[int, float] = {}
        for k in sorted(range(len(said)), key=lambda k: k != lead):
            for number, value in _sentences(windows[k], said[k]).items():
                sentences.setdefault(number, value)
        return Look(said[lead].flag, said[lead].signals.astype(float), sentences)

    def save(self, folder: Path) -> None:
        """Write the files of the encoder."""
        for name, content in self._files.items():
            if content:
                (folder / name).write_bytes(content)


class _SingleThreaded:
    """Holds the libraries of linear algebra to one thread while anybody reads.

    The last digits of a product depend on the number of threads. That number is the process's, so
    the first reader sets it, and the last one sets it back, whoever else would limit it meanwhile.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers = 0
        self._libraries: ThreadpoolController | None = None
        self._limit: Any = None

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._lock:
            if not self._readers:
                if self._libraries is None:
                    self._libraries = ThreadpoolController()
                self._free()
                self._limit = self._libraries.limit(limits=1, user_api="blas")
            self._readers += 1
        try:
            yield
        finally:
            with self._lock:
                self._readers -= 1
                if not self._readers:
                    self._free()
                    self._limit.restore_original_limits()
                    self._free()

    def _free(self) -> None:
        # threadpoolctl 3.8 heeds one thread alone, and says nothing to the others.
        assert self._libraries is not None
        for library in self._libraries.lib_controllers:
            if hasattr(library, "clear_controlling_thread"):
                library.clear_controlling_thread(force=True)


_single = _SingleThreaded()
if hasattr(os, "register_at_fork"):
    # A child has none of its parent's readers.
    os.register_at_fork(after_in_child=_single.__init__)  # type: ignore[misc]


def _sentences(window: Window, said: Said) -> dict[int, float]:
    """Half of what a whole sentence says, half of what its plainest word does."""
    own = window.sentences >= 0
    numbers, evidence = window.sentences[own], said.evidence[own]
    values = {}
    for number in np.unique(numbers).tolist():
        some = evidence[numbers == number]
        values[number] = float(some.mean() + some.max()) / 2
    return values


def load_encoder(folder: Path) -> Encoder | None:
    """The encoder in a model folder, None where it has none. Raises ModelError on damaged files."""
    if not (folder / NETWORK).exists():
        return None
    try:
        taught = _content(folder / TAUGHT) if (folder / TAUGHT).exists() else b""
        vocabulary = _content(folder / VOCABULARY).decode()
        return Encoder(_content(folder / NETWORK), vocabulary, taught)
    except (OSError, ValueError) as error:
        raise ModelError(f"The encoder of the model '{folder}' cannot be read: {error}.") from error


def _content(file: Path) -> bytes:
    # A pipe would never end.
    if not file.is_file():
        raise ValueError(f"'{file.name}' is missing, or no file")
    with file.open("rb") as stream:
        content = stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError(f"'{file.name}' is larger than {_LARGEST // 2**20} MiB")
    return content
