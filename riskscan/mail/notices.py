"""Short sentences that only notices and footers have.

Below a notice, or among its lines, a sentence of a few words is its author's unless every word of
it is one of notices and it says what only they say: "Delete all copies." may be anybody's.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 14
"""Words of a sentence that is looked at; of longer ones the number of words of each kind tells."""

_CORE_WORDS: Final = """
    a about accept accepted accepts access action address addressed addressee addressees
    advertising agents all also an and any are as at attached attachment attachments attempt
    attorney author authorised authorized availability be been before believe believed brokers
    browser by cannot change changes check checked clean click clicking communication
    communications company computer confidential confidentiality consider contact contain
    contained contains content contents cooperation copied copies copy copying copyright damage
    delete deleted destroy detailed disclaimer disclosure disseminate dissemination distribute
    distribution do document does duplicated e each editor either email emails employee england
    entity environment error errors exclusively expressed expressly file files following for
    forbidden forwarding free from further future group groups guarantee has have here hereby
    herein if immediately in including indicative individual inform information informational
    intended internet ireland is it its kindly legal legally liability liable link list listed
    lists loss mail mailing manage material may member message messages mistake monitor named
    necessarily need negotiations neither no nor not notice notified notify number of office on
    only opinion opinions options or original other our outcome page paper party past
    performance person please post preferences presence price prices print printed printing
    prior privacy private privileged privileges product prohibited property proprietary
    protected purposes receipt receive received receiving recipient recipients registered
    regulated reliance remove removed reply represent representative reproduction requested
    reserve reserved reserves respond responsibility responsible results retain retention return
    returns review right rights safe save scanned scotland see send sender sent service similar
    simply site software sole solely strictly subject submit subscribe subscribed subscriber
    subscribing subscription swept system taken terms thank thanks that the their thereof third
    this those to trademark trademarks transmission transmitted tree trees unauthorised
    unauthorized unlawful unless unsubscribe up update us use user using vat view views virus
    viruses visit waiver wales warning we web website were which wish with without work written
    yahoo you your
"""
_CORE: Final = frozenset(_CORE_WORDS.split())
_SURE = re.compile(
    r"intended recipient|named recipient|addressee|intended (?:only|solely|exclusively) for"
    r"|for the (?:sole|exclusive) use|(?:strictly|expressly) (?:prohibited|forbidden)"
    r"|is prohibited|notify us|(?:notify|contact|advise|inform|tell|to) the (?:sender|author)"
    r"|dissemination|unauthori[sz]ed use|scanned|swept|virus|dangerous content"
    r"|(?:views|opinions?)(?: or opinions)? expressed|do(?:es)? not necessarily"
    r"|registered (?:in|office|number|trademark)|company number|authorised and regulated"
    r"|regulated by|\bvat\b|trademarks?\b|rights? reserve|right to monitor"
    r"|accepts? (?:no|any) |not accept |offer to sell|not an offer|confidentiality notice"
    r"|legal notice|disclaimer|unsubscrib|\bsubscri|removed from|listinfo|mailing list"
    r"|your use of|(?:mail|message) was sent to|preferences"
    r"|receiv\w+ this (?:e-?)?mail (?:because|as)|mailing address|property of|past performance"
    r"|subject to change|click here|copyright|consider the environment"
    r"|before you print|before printing|brokers only|agents only"
    r"|private and confidential\b|attorney advertising|prior results"
    r"|not attempt to respond|waiver|thank you|all rights"
    r"|amtsgericht|handelsregister|irrtümlich|destinataire|destinatario|geadresseerde"
)
_OPENS = re.compile(
    r"(?:th(?:is|e)|diese|ce|cet|este|esta|questo|dit)\s+(?:e-?mail|message|communication|transmission"
    r"|nachricht|mail|courriel|mensaje|correo|messaggio|bericht)\b.{0,80}?"
    r"(?:confiden|privileged|informational|vertraulich|riservat|vertrouwelijk)"
)
_SUBSCRIBED = re.compile(r"you are (?:a )?(?:client|customer|member|subscriber) of \w+\W*")
# How to leave a list is told by lists alone, in whatever words; not by who speaks of a person.
_LEAVING = re.compile(
    r"(?:\bto|\bor|box to) unsubscribe\b|subscription cent(?:er|re)\b"
    r"|remov(?:e yourself|ed) from (?:this|our) (?:\w+ ){0,2}(?:list|link)"
    r",? (?:see|click|go|reply|send|simply|visit)\b"
)
_PERSONS = frozenset(
    ["i", "me", "my", "mine", "he", "him", "his", "she", "her", "they", "them", "we", "us"]
)
_WORD = re.compile(r"[^\W\d_]+")
_HOUSE = re.compile(
    r"(?:[A-Z&][\w&'’-]{0,30} ){1,6}(?:plc|gmbh|s\.?à\s?r\.?l|sarl|s\.?p\.?a|b\.?v"
    r"|n\.?v|ltd|limited|inc|llp|llc|ag|s\.?a)\.?",
    re.I,
)
_OTHERS = re.compile(
    r"nicht der (?:richtige )?adressat|den absender|irrtümlich|destinataire|destinatario"
    r"|geadresseerde|amtsgericht|handelsreg"
)


def is_short(text: str) -> bool:
    """Whether a text has so few words that ``says_notice`` can tell."""
    return len(text) < 16 * LONGEST and len(text.split()) <= LONGEST


def says_notice(text: str, *, alone: bool = False) -> bool:
    """Whether a short sentence says what only a notice or a footer does, in no words but theirs.

    Names, capital within the sentence, are nobody's words. ``alone``: no other sentence stands
    beside it, so that "This message is confidential." begins no notice.
    """
    flat = " ".join(text.split())
    lowered = flat.lower().replace("attorney-client", "attorney")
    if _OTHERS.search(lowered) is not None or _SUBSCRIBED.fullmatch(lowered) is not None:
        return True
    if _LEAVING.search(lowered) and _PERSONS.isdisjoint(_WORD.findall(lowered)):
        return True
    opens = not alone and _OPENS.match(lowered) is not None
    if opens and not lowered.startswith("th"):
        return True
    if not opens and _SURE.search(lowered) is None:
        return False
    words = _WORD.findall(flat.replace("-client", ""))
    named = [word[0].isupper() and not flat.isupper() for word in words]
    named[0] = all(named[:2])  # a house, not the first word of a sentence
    return all(name or word.lower() in _CORE for name, word in zip(named, words, strict=True))


def advertises(text: str) -> bool:
    """Whether a line is that of a mail service or of a sender of news about itself."""
    lowered = text.lower()
    return any(words in lowered for words in ("do you yahoo!?", "yahoo! groups", "click here"))


def is_house(text: str) -> bool:
    """Whether a text is the name of a house and how it is founded ("Brightwell S.à r.l.")."""
    return _HOUSE.fullmatch(text.strip()) is not None
