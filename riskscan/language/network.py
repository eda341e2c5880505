"""The embedding of the entity network: everything known of a word form, computed once a form.

All features (hashed lower case, prefix, suffix and shape, vectors, spelling flags) depend
on the word form alone, so in a scan the mixed row of a form is kept and looked up: the cost a
token is then that of the convolutions, and the embedding can be as rich as training likes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import ORTH
from spacy.ml.featureextractor import FeatureExtractor
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab
from thinc.api import (
    HashEmbed,
    Maxout,
    Model,
    NumpyOps,
    chain,
    concatenate,
    list2ragged,
    ragged2list,
    with_array,
)
from thinc.initializers import glorot_uniform_init
from thinc.types import Floats2d, Ragged

from riskscan.language import lexicon
from riskscan.language.gazetteer import COMPANY_WORDS, GIVEN_NAMES, PLACES
from riskscan.language.words import WordVectors

Rows = NDArray[np.float32]

# Word forms kept at once; a hostile mailbox of random words makes the table start afresh.
CACHED_FORMS = 60_000
_FLAGS = 21
_DIGIT = re.compile(r"\d")


@registry.architectures("riskscan.WordFormEmbed.v2")  # type: ignore[untyped-decorator]
def word_form_embed(
    width: int, attrs: list[str], rows: list[int], include_vectors: bool
) -> Model[list[Doc], list[Floats2d]]:
    """Build the embedding of networks that know no word vectors, only floret ones."""
    return _embedding(width, attrs, rows, form_vectors(width, include_vectors, False))


@registry.architectures("riskscan.WordFormEmbed.v3")  # type: ignore[untyped-decorator]
def word_form_embed_v3(
    width: int, attrs: list[str], rows: list[int], include_vectors: bool, vectors_width: int
) -> Model[list[Doc], list[Floats2d]]:
    """Build the embedding: hashed ``attrs`` (of ``rows`` rows each), vectors and flags, mixed.

    Vectors and flags come to ``vectors_width`` numbers before they are mixed with the others.
    """
    layer = form_vectors(vectors_width, include_vectors, include_vectors)
    return _embedding(width, attrs, rows, layer)


def _embedding(
    width: int, attrs: list[str], rows: list[int], vectors: Model[list[Doc], Ragged]
) -> Model[list[Doc], list[Floats2d]]:
    seeds = range(8, 8 + len(attrs))
    tables: list[Model[Any, Any]] = [
        HashEmbed(width, count, column=column, seed=seed, dropout=0.0)
        for column, (count, seed) in enumerate(zip(rows, seeds, strict=True))
    ]
    parts: list[Model[Any, Any]] = [
        chain(
            FeatureExtractor(cast(list[Any], attrs)),
            list2ragged(),
            with_array(concatenate(*tables)),
        ),
        vectors,
    ]
    inputs = width * len(attrs) + vectors.get_dim("nO")
    mix: Model[Any, Any] = Maxout(width, inputs, nP=3, normalize=True)
    inner: Model[list[Doc], list[Floats2d]] = chain(
        concatenate(*parts), with_array(mix), ragged2list()
    )
    return Model(
        "word_forms",
        Forms(width).forward,
        init=_init_forms,
        layers=[inner],
        dims={"nO": width},
        attrs={"keep": False},
    )


def make_fast(model: Model[Any, Any]) -> None:
    """Set up a trained ``model`` for reading: keep word-form rows, multiply through NumPy.

    NumPy's OpenBLAS multiplies three times as fast as thinc's own BLIS on AVX2 machines.
    """
    ops = NumpyOps(use_blis=False)
    for node in model.walk():
        node.ops = ops
        if node.name == "word_forms":
            node.attrs["keep"] = True


class Forms:
    """The forward pass, with the rows of the word forms met so far in one growing table."""

    def __init__(self, width: int) -> None:
        self.index: dict[int, int] = {}
        self.table: Rows = np.zeros((1024, width), dtype=np.float32)

    def rows(
        self, forms: NDArray[np.uint64], compute: Callable[[list[int]], Rows]
    ) -> NDArray[np.int64]:
        """Return the table rows of ``forms``, computing those not met before."""
        index = self.index
        missing = [form for form in forms.tolist() if form not in index]
        if missing:
            if len(index) + len(missing) > CACHED_FORMS:
                index.clear()
                missing = forms.tolist()
            start, end = len(index), len(index) + len(missing)
            if end > len(self.table):
                grown = np.zeros((max(end, 2 * len(self.table)), self.table.shape[1]), np.float32)
                grown[:start] = self.table[:start]
                self.table = grown
            self.table[start:end] = compute(missing)
            index.update(zip(missing, range(start, end), strict=True))
        return np.fromiter((index[form] for form in forms.tolist()), np.int64, len(forms))

    def look_up(
        self, forms: NDArray[np.uint64], vocab: Vocab, compute: Callable[[Doc], Rows]
    ) -> Rows:
        """Return one row for each of ``forms``; ``compute`` makes those not met before."""
        unique, places = np.unique(forms, return_inverse=True)

        def made(missing: list[int]) -> Rows:
            words = [vocab.strings[form] for form in missing]
            return compute(Doc(vocab, words=words, spaces=[False] * len(words)))

        rows = self.rows(unique, made)
        return self.table[rows[places.reshape(-1)]]

    def forward(
        self, model: Model[Any, Any], docs: list[Doc], is_train: bool
    ) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[Doc]]]:
        """Return one row a token for each of ``docs``."""
        inner = model.layers[0]
        if is_train or not docs or not model.attrs["keep"]:
            result: tuple[list[Floats2d], Callable[[list[Floats2d]], list[Doc]]]
            result = inner(docs, is_train)
            return result
        forms: list[Any] = [doc.to_array([ORTH]).reshape(-1) for doc in docs]
        flat = self.look_up(
            np.concatenate(forms), docs[0].vocab, lambda doc: cast(Rows, inner.predict([doc])[0])
        )
        output: list[Floats2d] = []
        start = 0
        for form in forms:
            output.append(cast(Floats2d, flat[start : start + len(form)]))
            start += len(form)
        return output, lambda d_output: []


def _init_forms(model: Model[Any, Any], X: Any = None, Y: Any = None) -> None:
    model.layers[0].initialize(X=X, Y=Y)


def form_vectors(width: int, floret: bool, words: bool) -> Model[list[Doc], Ragged]:
    """Build the layer of flags, floret vectors (lower case, digits as 0) and word vectors."""
    return Model(
        "form_vectors",
        _RawForms().forward,
        init=_init_vectors,
        params={"W": None},
        dims={"nO": width, "nM": None},
        attrs={"vectors": floret, "words": words},
    )


def _init_vectors(model: Model[Any, Any], X: Any = None, Y: Any = None) -> None:
    size = _FLAGS
    if model.attrs["vectors"] and X:
        size += X[0].vocab.vectors_length
    if model.attrs["words"] and X:
        size += WordVectors(X[0].vocab).size
    model.set_dim("nM", size)
    model.set_param("W", glorot_uniform_init(model.ops, (model.get_dim("nO"), size)))


class _RawForms:
    """The forward pass; vectors never change, so they are kept in training too."""

    def __init__(self) -> None:
        self.known: dict[int, Rows] = {}

    def forward(
        self, model: Model[Any, Any], docs: list[Doc], is_train: bool
    ) -> tuple[Ragged, Callable[[Ragged], list[Doc]]]:
        """Return the projected vectors of the tokens of ``docs``."""
        weights = cast(Floats2d, model.get_param("W"))
        size = model.get_dim("nM")
        if len(self.known) > CACHED_FORMS:
            self.known.clear()
        known = self.known
        parts: list[Rows] = []
        for doc in docs:
            forms = [int(form) for form in doc.to_array([ORTH]).reshape(-1)]
            missing = list({form for form in forms if form not in known})
            words = [doc.vocab.strings[form] for form in missing]
            known.update(zip(missing, raw_vectors(doc.vocab, words, size), strict=True))
            parts.extend(known[form] for form in forms)
        data = cast(Floats2d, np.array(parts, dtype=np.float32).reshape(len(parts), size))
        lengths = model.ops.asarray1i([len(doc) for doc in docs])
        output = Ragged(model.ops.gemm(data, weights, trans2=True), lengths)

        def backprop(d_output: Ragged) -> list[Doc]:
            gradient = cast(Floats2d, d_output.data)
            model.inc_grad("W", model.ops.gemm(gradient, data, trans1=True))
            return []

        return output, backprop


def raw_vectors(vocab: Vocab, words: Sequence[str], size: int) -> Rows:
    """Return the first ``size`` fixed features of ``words``.

    These are the flags of spelling, the floret vector, and what the word vectors say.
    Raises ValueError when ``vocab`` does not hold as many.
    """
    parts = [np.array([flags_of(word) for word in words], np.float32).reshape(-1, _FLAGS)]
    if size > _FLAGS and vocab.vectors_length:
        floret = np.zeros((len(words), vocab.vectors_length), np.float32)
        if words:
            floret[:] = _full(vocab.vectors).get_batch([_DIGIT.sub("0", w.lower()) for w in words])
        parts.append(floret)
    if size > sum(part.shape[1] for part in parts):
        parts.append(WordVectors(vocab).rows(words))
    rows = np.hstack(parts)
    if rows.shape[1] != size:
        raise ValueError(
            f"The entity model was trained with {size} features of a word, and its folder "
            f"'vocab' gives {rows.shape[1]}: the model is damaged, or its parts are of two models."
        )
    return rows


def _full(vectors: Any) -> Any:
    """Return ``vectors`` as spaCy reads them: on disk they have half the bytes."""
    if vectors.data.dtype == np.float16:
        vectors.data = vectors.data.astype(np.float32)
    return vectors


def flags_of(word: str) -> list[float]:
    """Return the flags of a word form, each 0 or 1: how it is written, what it is known as."""
    lowered = word.lower().rstrip(".")
    flags = (
        word[:1].isupper(),
        word.isupper(),
        word.islower(),
        word[1:].lower() != word[1:],
        any(c.isdigit() for c in word),
        word.isalpha(),
        "\n" in word,
        word.isspace(),
        len(word) == 1,
        len(word) > 12,
        lowered in GIVEN_NAMES,
        lowered in PLACES,
        lowered in COMPANY_WORDS,
        "@" in word or "/" in word,
        word[:1].isdigit(),
        word[1:2].isupper() and not word.isupper(),
        lowered in lexicon.GIVEN_NAMES,
        lowered in lexicon.SURNAMES,
        lowered in lexicon.PLACES,
        lowered in lexicon.FIRMS,
        lowered in lexicon.NATIONALITIES,
    )
    return [float(flag) for flag in flags]
