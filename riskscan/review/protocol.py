"""The protocol: what to flag, in short, as it stands beside each message.

In the words of the codebook that the shipped model's labels follow.
"""

from __future__ import annotations

from dataclasses import dataclass

from riskscan.detect.assessment import SIGNALS
from riskscan.export.report_words import SIGNALS as WORDS

QUESTION = (
    "Would I want this message pulled out and read because someone in it voices, or gives away, "
    "a concern that conduct is illegal, improper or must be hidden?"
)
BASIS = (
    "Judge what the sender wrote in this message, the subject included. What is quoted or "
    "forwarded counts only if the sender comments on it or passes it on as news of their own "
    "organisation. Footers and legends never count."
)
NEVER = (
    "Routine legal work: drafting, signing, filing, conflict checks, contract traffic.",
    "News, newsletters, marketing, spam, and jokes without a link to conduct at work.",
    "Notices and training to all staff, reminders of policy, routine retention memos.",
    "Confidentiality footers and privilege legends, however stern.",
    "Worry about business, technology, health or price.",
)
DOUBTFUL = (
    "Hypothetical, sarcastic or joking: flag it when the joke is about real conduct at work.",
    "A question to a lawyer counts when the conduct is in doubt, not the wording of a document.",
    "Advice on what not to put in writing is concealment, from a lawyer too.",
    "A bare assent to a quoted proposal that would be flagged is flagged.",
    "A subpoena or suit is routine while it is organised; it is a threat once the text reacts.",
    "Still in doubt after a second reading: unsure.",
)
_EXAMPLES = {
    "legal_doubt": ("are we even allowed to do this?", "please review the contract"),
    "ethical_unease": ("it doesn't feel right to book it that way", "I dislike the delivery date"),
    "concealment": ("call me, don't put this in email", "this is confidential"),
    "spoliation": ("shred the drafts before the auditors come", "delete the old builds"),
    "admission": ("we knew the numbers were made up", "I admit I forgot your birthday"),
    "escalation": ("I raised it with compliance twice", "cc legal for signature"),
    "pressure": ("he told me to sign or find another job", "we must close the quarter"),
    "threat": ("if the regulator looks at this we're dead", "a docket notice about others"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A signal: its key on the keyboard, name, what it is, what would count and what not."""

    key: str
    signal: str
    name: str
    meaning: str
    yes: str
    no: str


RULES = tuple(
    Rule(str(number), signal, *WORDS[signal], *_EXAMPLES[signal])
    for number, signal in enumerate(SIGNALS, 1)
)
