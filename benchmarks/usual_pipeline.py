"""A spaCy pipeline of the usual size, for speed alone: what en_core_web_sm is made of.

    python benchmarks/usual_pipeline.py FOLDER

Vectors of width 96 from four convolutions for the tagger and the parser, the same again for the
names, the published numbers of labels (50 tags, 45 relations, 18 kinds of names). Left out are the
attribute ruler and the lemmatizer, whose tables are not at hand: the published pipeline is slower
by these. It is trained for half a minute on sentences made here, so that it marks some names and
not every word; what it says is worth nothing, and its speed is that of its architecture.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

_NAMES_TEXT = (
    "CARDINAL DATE EVENT FAC GPE LANGUAGE LAW LOC MONEY NORP ORDINAL ORG PERCENT PERSON "
    "PRODUCT QUANTITY TIME WORK_OF_ART"
)
_NAMES = _NAMES_TEXT.split()
_RELATIONS_TEXT = (
    "ROOT acl acomp advcl advmod agent amod appos attr aux auxpass case cc ccomp compound conj "
    "csubj csubjpass dative dep det dobj expl intj mark meta neg nmod npadvmod nsubj nsubjpass "
    "nummod oprd parataxis pcomp pobj poss preconj predet prep prt punct quantmod relcl xcomp"
)
_RELATIONS = _RELATIONS_TEXT.split()
_TAGS_TEXT = (
    "$ '' , -LRB- -RRB- . : ADD AFX CC CD DT EX FW HYPH IN JJ JJR JJS LS MD NFP NN NNP NNPS "
    "NNS PDT POS PRP PRP$ RB RBR RBS RP SYM TO UH VB VBD VBG VBN VBP VBZ WDT WP WP$ WRB XX _SP "
    "``"
)
_TAGS = _TAGS_TEXT.split()
# Word or slot, tag, place of the head, relation.
_SENTENCES = (
    "PERSON/NNP/1/nsubj sent/VBD/1/ROOT the/DT/3/det NOUN/NN/1/dobj to/IN/1/prep ORG/NNP/4/pobj "
    "on/IN/1/prep DATE/NNP/6/pobj ././1/punct",
    "Please/UH/1/intj read/VB/1/ROOT the/DT/4/det ADJ/JJ/4/amod NOUN/NN/1/dobj before/IN/1/prep "
    "DATE/NNP/5/pobj ././1/punct",
    "The/DT/2/det ADJ/JJ/2/amod NOUN/NN/3/nsubj is/VBZ/3/ROOT ADJ/JJ/3/acomp and/CC/3/cc "
    "PERSON/NNP/7/nsubj knows/VBZ/3/conj it/PRP/7/dobj ././3/punct",
    "We/PRP/2/nsubj will/MD/2/aux call/VB/2/ROOT ORG/NNP/2/dobj in/IN/2/prep GPE/NNP/4/pobj "
    ",/,/2/punct PERSON/NNP/2/npadvmod ././2/punct",
    "I/PRP/3/nsubj do/VBP/3/aux not/RB/3/neg think/VB/3/ROOT the/DT/5/det NOUN/NN/6/nsubj "
    "works/VBZ/3/ccomp ././3/punct",
)
_SLOTS = {
    "PERSON": "Greta Samuel Ingrid Tomas Leila Marek Priya Jonas Amara Felix",
    "ORG": "Halden Pellworm Calloway Norvane Brightwater Tarnfield Ostrava Kestrel",
    "GPE": "Houston London Oslo Portland Calgary Boston Madrid Denver",
    "DATE": "Monday Tuesday Wednesday Thursday Friday tomorrow May June",
    "NOUN": "report contract letter price meeting plan note file pipeline invoice",
    "ADJ": "new long late final open good wrong short",
}


def usual_pipeline(folder: Path, rounds: int = 60) -> None:
    """Write the pipeline to ``folder``."""
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": _vectors(spaced=True)})
    shared = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96, "upstream": "*"}
    tagger: Any = nlp.add_pipe(
        "tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": shared}}
    )
    parser: Any = nlp.add_pipe("parser", config={"model": _transitions("parser", shared)})
    names: Any = nlp.add_pipe("ner", config={"model": _transitions("ner", _vectors(spaced=False))})
    for pipe, labels in ((tagger, _TAGS), (parser, _RELATIONS), (names, _NAMES)):
        for label in labels:
            pipe.add_label(label)
    draw = random.Random(7)
    examples = [_example(nlp, draw) for _ in range(200)]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(rounds):
        nlp.update(draw.sample(examples, 32), sgd=optimizer)
    nlp.to_disk(folder)


def _vectors(spaced: bool) -> dict[str, Any]:
    attrs = ["NORM", "PREFIX", "SUFFIX", "SHAPE"] + ["SPACY", "IS_SPACE"] * spaced
    return {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.MultiHashEmbed.v2",
            "width": 96,
            "attrs": attrs,
            "rows": [5000, 1000, 2500, 2500] + [50, 50] * spaced,
            "include_static_vectors": False,
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": 96,
            "depth": 4,
            "window_size": 1,
            "maxout_pieces": 3,
        },
    }


def _transitions(kind: str, vectors: dict[str, Any]) -> dict[str, Any]:
    return {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": kind,
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": vectors,
    }


def _example(nlp: Language, draw: random.Random) -> Example:
    """Three sentences of a message."""
    words: list[str] = []
    tags: list[str] = []
    heads: list[int] = []
    relations: list[str] = []
    marks: list[tuple[int, str]] = []
    for sentence in draw.sample(_SENTENCES, 3):
        first = len(words)
        for part in sentence.split():
            word, tag, head, relation = part.split("/")
            if word in _SLOTS:
                if word in _NAMES:
                    marks.append((len(words), word))
                word = draw.choice(_SLOTS[word].split())
            words.append(word)
            tags.append(tag)
            heads.append(first + int(head))
            relations.append(relation)
    made: dict[str, Any] = {"tags": tags, "heads": heads, "deps": relations}
    doc = Doc(nlp.vocab, words=words, **made)
    doc.set_ents([Span(doc, at, at + 1, label=label) for at, label in marks])
    return Example(Doc(nlp.vocab, words=words), doc)


def main() -> None:
    """Make the pipeline in the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    usual_pipeline(parser.parse_args().folder)


if __name__ == "__main__":
    main()
