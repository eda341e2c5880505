"""Which texts a model was trained on: short hashes that tell a text again without holding it.

The hash is of the letters and digits alone, in one case, without "Re:" and "Fwd:" before them, so
that a copy from another mailbox or with other line ends is the same text. Labels may come without
subjects, and with more or less of a signature: what follows the subject is hashed alone too, and so
is its beginning (of a text of one paragraph the text's own), unless these are too short to tell
texts apart.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.typing import NDArray

from riskscan.detect.description import NETWORK
from riskscan.detect.encoder import TAUGHT
from riskscan.detect.errors import ModelError

FILE = "training_texts.npy"
_REPLIES = re.compile(r"\A(?:\s*(?:re|fwd?|aw|wg)\s*:)+", re.IGNORECASE)
_UNSAID = re.compile(r"[\W_]+")
# Letters and digits from which on what was written tells a message, whatever its subject.
_TELLING = 20
# So many of its first ones tell it too, whatever is cut from its end or left there.
_BEGINNING = 150

# A file holds hashes as three numbers of two bytes.
_SHIFTS = [np.uint64(shift) for shift in (32, 16, 0)]
_PART = np.uint64(0xFFFF)

Hashes = NDArray[np.uint64]


def text_hash(text: str) -> int:
    """The first 8 bytes of SHA-256 of what the text says."""
    bare = _REPLIES.sub("", text)
    said = _said(bare) or bare
    return int.from_bytes(hashlib.sha256(said.encode(errors="replace")).digest()[:8], "big")


def _said(text: str) -> str:
    """Its letters and digits, in one case."""
    return _UNSAID.sub("", unicodedata.normalize("NFKC", text).casefold())


def copy_hashes(text: str) -> list[int]:
    """Of the whole text, and of what follows its subject, if that tells: copies share one.

    Six bytes of each: of a million texts none is likely to be taken for one of a million others.
    """
    written = text.partition("\n\n")[2]
    told = [text]
    if len(_said(_REPLIES.sub("", written))) >= _TELLING:
        told.append(written)
    return [text_hash(one) >> 16 for one in told]


def _hashes(text: str) -> list[int]:
    """Those of its copies, and of the beginning of what is written, if that tells."""
    said = _said(_REPLIES.sub("", text.partition("\n\n")[2] or text))
    beginning = [text_hash(said[:_BEGINNING]) >> 16] if len(said) >= _BEGINNING else []
    return copy_hashes(text) + beginning


def save_hashes(texts: Iterable[str], folder: Path) -> None:
    """Write the sorted hashes of the training texts into a model folder.

    Without those that its encoder was taught, which stand there already.
    """
    hashes = np.setdiff1d(_every(texts), encoder_hashes(folder))
    (folder / FILE).write_bytes(_content(hashes))


def hashes_of(texts: Iterable[str]) -> bytes:
    """The sorted hashes of texts, as the content of a file of them."""
    return _content(_every(texts))


def _every(texts: Iterable[str]) -> Hashes:
    return np.unique(np.array([one for text in texts for one in _hashes(text)], dtype=np.uint64))


def _content(hashes: Hashes) -> bytes:
    target = io.BytesIO()
    np.save(target, np.stack([hashes >> s & _PART for s in _SHIFTS], 1).astype("<u2"), False)
    return target.getvalue()


def load_hashes(folder: Path) -> Hashes | None:
    """The hashes of the texts that the model and its encoder were taught.

    None when those of either are missing. Raises ModelError when they cannot be read.
    """
    own = _read(folder / FILE)
    if own is None or ((folder / NETWORK).exists() and not (folder / TAUGHT).is_file()):
        return None
    return np.union1d(own, encoder_hashes(folder))


def encoder_hashes(folder: Path) -> Hashes:
    """The hashes of the texts that the encoder of a model was taught. Raises ModelError."""
    hashes = _read(folder / TAUGHT)
    return np.zeros(0, np.uint64) if hashes is None else hashes


def _read(file: Path) -> Hashes | None:
    if not file.is_file():
        return None
    try:
        with file.open("rb") as stream:
            archive = stream.read(2) == b"PK"
        if archive:
            raise ValueError("an archive")
        # Mapped, so that a header that claims more than the file holds is refused.
        hashes = np.array(np.load(file, mmap_mode="r", allow_pickle=False))
    except OSError as error:
        raise ModelError(f"'{file}' cannot be read: {error.strerror}.") from error
    except (ValueError, EOFError, OverflowError, TokenError) as error:
        # NumPy's words would advise to unpickle it.
        raise ModelError(f"'{file}' is damaged: it is no array of hashes.") from error
    if isinstance(hashes, np.ndarray) and hashes.dtype == np.uint64 and hashes.ndim == 1:
        # As riskscan wrote them before: eight bytes.
        return np.unique(hashes >> np.uint64(16))
    if not isinstance(hashes, np.ndarray) or hashes.dtype != np.uint16 or hashes.shape[1:] != (3,):
        raise ModelError(f"'{file}' does not hold hashes of texts.")
    whole: Hashes = np.zeros(len(hashes), np.uint64)
    for part, shift in enumerate(_SHIFTS):
        whole |= hashes[:, part].astype(np.uint64) << shift
    return whole


def seen(texts: Sequence[str], hashes: Hashes) -> NDArray[np.bool_]:
    """True for each text that is among ``hashes``, whole or without its subject."""
    known = set(hashes.tolist())
    return np.array([not known.isdisjoint(_hashes(text)) for text in texts], dtype=bool)
