"""Somebody's own words among lines that look like a signature, a notice or an advertisement.

A postscript below a signature, or a sentence in the paragraph of a disclaimer, is what its author
says. Notices, list footers and small print are known by their words: where few of these stand
among many others, somebody speaks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Final, NamedTuple

from riskscan.mail.markers import LINE_LIMIT
from riskscan.mail.notices import LONGEST, advertises, is_house, is_short, says_notice
from riskscan.mail.signature import tells_who
from riskscan.mail.unspaced import LETTERS

_STEM: Final = 6  # letters by which words are compared: "disclosed" is "disclosure"
_SENTENCE: Final = 7  # words that a sentence has at least
_SAYS: Final = 2  # of them, those that stand in no notice, less those of notices
_WINDOW: Final = 12  # words of a notice that are looked at together
_OWN: Final = 4  # as _SAYS, for a window
_DENSE: Final = 5  # and one in as many words of a sentence
_OWN_OTHER: Final = 7  # the same in other languages than English, of which fewer words are known
_DENSE_OTHER: Final = 3
_UNSPACED: Final = 16  # letters of a sentence without spaces, where no mark ends it
_UNSPACED_ENDED: Final = 4  # where one does
_SHORTEST: Final = 3  # words of a short sentence
_UNWRAPPED: Final = 60  # characters of a line that ends where no wrapping ended it
_DEEPEST: Final = 200  # lines of a paragraph that are looked at
_WIDEST: Final = 8_000  # characters of a line


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _stem(word: str) -> str:
    if not word.isascii():
        plain = unicodedata.normalize("NFD", word)
        word = "".join([c for c in plain if not unicodedata.combining(c)])
    if len(word) <= _STEM and word[-1:] == "s":
        word = word[:-1]
    return word[:_STEM]


def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in text.split())


_ENGLISH: Final = _words(
    """
    a an the and or but if of to in on at by for from with without into onto as than then so that
    this these those it its is are was were be been being am has have had do does did done can
    could may might must shall should will would not no nor we you us our your who whom which what
    when where why how there here all any each some such only also just more most very too about
    above below after before up down out off over under both other own same because until while
    between through during although one two three even always much many another either every
    anyone anybody ours yes something else however whose upon yet still less last next don isn doesn
    didn won couldn wouldn shouldn aren wasn weren haven hasn
    """
)
_OTHER: Final = _words(
    """
    der die das und oder aber wenn von zu zum zur im am auf bei mit ohne für aus als dass diese
    dieser dieses es ist sind war waren sein hat haben kann soll wird werden nicht kein wir uns
    den dem des ein eine einen einer eines le la les un une du de et ou mais si à au aux en dans
    par pour avec sans sur que qui ce cette ces est sont être ont ne pas nous vous se son sa ses
    leur el los las y o pero del al con sin por para como este esta estos ser su sus il gli i e ed
    ma di della dal per che questo questa sono non noi het een maar als van naar op bij met zonder
    voor uit dat dit deze zijn heeft niet geen wij ons os um uma das em com sem são não
    """
)
_FUNCTION: Final = _ENGLISH | _OTHER
_PERSONAL: Final = _words("i me my he she him his her they them ich er sie yo je ik")
_WHEN: Final = _words(
    """
    today tonight tomorrow yesterday noon midnight morning evening monday tuesday wednesday thursday
    friday saturday sunday
    """
)
_VERBS: Final = _words(
    """
    is are was were has have had do does did must may might can could should will would not never
    ist sind war wurde wurden hat est sont es son non è
    """
)
_NEAR: Final = _PERSONAL | _WHEN | {"we"}


# Words of notices, then words as common in them as elsewhere.
_NOTICE: Final = _stems(
    """
    absender accuracy advertisement affiliate afzender alert alerts altered apologise bericht
    binding blank body browse button circulation click clicking compliance confidencialidad
    confidencialidade confidential confidentialité confidentielles confidenziale confidenziali
    consent contain contents copying copyright courriel delays delete destinataire destroy digest
    disclaim disclose discontinue disseminate distribute duplicated email emails empfänger
    endorsed entity error errors exclusive exclusivement express expéditeur fares federal
    forbidden geadresseerde guarantee hereby herein hereof hereto html image img inadvertently
    inconvenience individual inform instruction intend interdiction irrtümlich jointes kindly law
    laws legal legally liability liable link links list listed lists logo mail mailing mailman
    mails marks member mensagem mensaje message mittente modify named newsletter notice notified
    notify opinions opt paste permanently permission photocopied platform policy powered prefer
    presence printing privacy privilege professional profile prohibited promotion proprietary
    protected purpose reader receive recipient redistributed refill register reliance relied
    remitente removal remove rental reply reproduced reserve respect restricted rights riservate
    riservatezza riservati rogamos scanned secure sender simply site sites sole solely
    solicitation spam sponsor stated strictly subject subscribe subscription surcharges
    sweepstakes swept taxes terms thereof trademark transmission treated unauthorised unlawful
    unless unsolicited unsubscribe url user users valuable vertraulich vertraulichen
    vertraulichkeit vertrouwelijk vertrouwelijkheid views virus viruses visit warrant web website
    welcome wish yourself
    """
)
_NEUTRAL: Final = _stems(
    """
    aansprakelijkheid abbiate attempt attention cooperation respond typographical
    accept access accesso accident account act action actual ad add
    additional addressed adjuntos administrator adressat ads adult advance advice advise afdrukken
    affected age ages agreed air airfare align allegati allow allowed altra ambiente amtsgericht
    analyst anexos anhänge announcement annual answer anti anticipated apague applicable applied
    apply approval archive archivos arising arquivos assistance associated assumptions assurer
    attached attorney auction aufsichtsrat ausschließlich authorised autorisation autorisée
    autorizada available avertir avise avoiding avvisare azione ação bargains baseada based basis
    behalf beliefs believe benachrichtigen benefit berechtigt best bestemd bestimmt bestimmten
    better bevat bevatten bezeichneten bijlagen bill bitte bonus booking border borrar bottom
    bound box breach bring broker business buy buying calculated cancel capital car carattere card
    carry cartridge cause caused cell center certain change charge chat check checked choose
    circumstances claim clearance client clock code color comercial comments commercial commit
    communication company complete comply computer comunicación comunicarlo comunique conclude
    conditions confirmation conformidad congress connection conoscenza considered constitute
    construed consultant contact contenido contenu conter conteúdo contidas contiene continue
    contract contribution contém copia copiar copiare copiati copie copier copies copy correo
    corrupted cortesemente cortesia cost coupon coverage cualquier cuckoo currently customer cópia
    daily damage darne data database dati datos days deals decreto deemed defects defined delay
    deliver derden derecho derivante derivative describe destinatário destinazione detailed
    different diffusi diffusion difusión digital direct directed dirigido display distribución
    distruggere distruzione diverso dividend divulgar divulgare divulgation divulgação documenti
    documento domestic download dritte drucken duplication décline déformé détruire easy edition
    editor effect efforts electronic elektronische eletrônica elettronica eligible eliminare
    elimine employee enforceable engano england enjoy ensure enter entered enthalten enthält
    entire entitled erhalten erreur errore esclusivamente esclusivo estimates estoppel estricto
    events eventuali everything evidence evolution exceeded except exchange exclude exempt expresa
    extension external facsimile factors facts factual falls falsifié faq fare fast fastest favor
    fax features feedback feel fees fichero fichiers file files final finalidad financial
    financing firm flight fluctuations follow font foreign form formal forward free friend fuel
    funding future gebruik gebruiken geek gelöscht gentilmente geschäftsführer geschützte
    gesellschaft gestattet gestionar get give given go goals govern great group groups growing
    guide guidelines haftung handelsregister handelt handling hard heading health heaven help high
    highlighted historical home hope host hotel hotels hours identified illegal images
    imediatamente immediata immediately immédiatement implied impression imprimir including
    incomplete incorporados incorporated indicate indicato indien indirizzati infecté informamos
    informeren infórmenos inhalt inhoud ink inmediatamente inside instant instead intention
    intercepted interdite interest internal intestatario intégrité investment involve issued
    issuer itineraries job jobs join joints jurisdiction keep kind kopieren landing latest lawful
    leading learn legalmente legislativo lei letter ley leyes license like limited line live local
    log login long longer loss low lower lowest löschen made mailbox maintain makes manage mark
    market material maximum medio mentioned merci milieu minimum minute mistake mitteilung mobile
    modification modifié money monitor monthly months movie music mutual nachricht name nature
    necesario necessarily need neither nela net never new newest news normativa nota note nothing
    now objectives obligation offer offered offering official old older onbedoeld onjuiste online
    onmiddellijk onterecht ontleend ontvangen ontvanger ontvangt openbaarmaking opened opportunity
    option order ordering organization orgánica originator otherwise ou outperform owners page
    pages paid paper part parties partner partnership party passed passenger password past penalty
    people perform performance period permitida permitted person personali persone personen
    personne persoon pessoa phone photo photos pièce pièces planet plans please plus pode point
    post posta precaution preclude predictions pregati prego presente prices principal print
    printed prior private privilégiées prize process product profesional program prohíbe proibida
    proibido promptly property proposed protección protegida protegido provide provvedere présent
    publication published pudiendo purchase purport qualifications qualify qualora qualquer
    qualsiasi question questions quick ranking rate rates rather re read real reason receber
    recebido receipt recevez rechten rechtlich recibe recibido recognize recommend redeem
    reference regarding regulated relación relate relative relevant reliable rely remember
    remetente representative reprint reproduction request require research reservado residents
    resource respondendo responsabilidad responsable responsibility result retain retention
    retourneren return revenue review reçu ricevuto richtige right rigorosamente risk risks
    rivelare rivolta ruega rules safe save saving schade search secret secreto section security
    segment seguida select sell send sending sent service settings setzen share shares shipping
    shop shopping shown siete sigilo sign signed similar simple sincere sitz size société sofort
    software soggetti soggetto sometida sort source special specifically staff standing state
    statement states stay stop strictement submit subsidiary substantive suitable supplies support
    supprimer sweep system table take taken takeoff talk tampering tax taxation tech technology
    telefono telephone text thank therefore third ticket time timely tip tips tired title titolo
    titular toegestaan toll tomar top total toute toutes trace transaction transmettre transmisión
    trattamento travel trial trip trouble true try tutelati type uitsluitend umwelt unable
    unbefugte unberechtigte uncertainties underperform understanding unerlaubte unintended
    untersagt unzulässig update usage usar use used using uso utilisation utilización utilização
    valid vary vat verbindung verboten verbreitung vermenigvuldiging vernichten vernietigen
    version verspreiding vervielfältigung verwendung verwijderen verzending verzocht verzoeken
    veröffentlichung veuillez via vietata view vigente violate violazione viren visiting você
    voicemail void vollständig vorliegende vorsitzender vorstand vía waive waived waiver wales
    want way webcam webmaster weder weekly weitergabe whether whole win winner word words world
    write writing written zurück édition électronique émetteur établis
    """
)
_TOKEN = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")
_LINK = re.compile(
    r"(?<!\S)[^\s@]{0,80}@[^\s@]{1,80}|(?:https?:|www\.)\S{0,400}|<[/!?a-zA-Z][^<>]{0,400}>"
    r"|\[[A-Z]{1,20}\]|[A-Za-z0-9+/=_-]{25,400}"
    r"|(?<!\S)[\w./-]{1,40}\.(?:com|net|org|doc|xls|pdf|jpg)\b\S{0,80}"
)
_UNSPACED_LETTER = re.compile(rf"[{LETTERS}]")
_UNSPACED_NOTICE = re.compile("机密|機密|保密|收件人|受信者|宛先|免责|免責|误收|誤送信")
_SENTENCE_MARK = re.compile("[。！？，、]|[\u3041-\u3096]{2}")
_POSTSCRIPT = re.compile(
    r"\W{0,3}(?:(?:[Pp]\.?\s?){1,3}[Ss]\b[.:,;)\s–—-]{0,4}[^\W_]|[Pp]ost\s?[Ss]cript(?:um)?\b)"
)
_ATTRIBUTED = re.compile(
    r"(?:^|\s)[(]?(?:-{1,3}|–|—|~)\s{0,3}(?P<name>[^\W\d_a-z][^.!?]{1,60})\W{0,3}$"
)
_NAMED = re.compile(r"[\"”»’'`][ \t]{0,40}[(_]{0,2}[^\W\d_a-z][^.!?\"]{2,60}[.)]{0,2}$")
_TO_SOMEBODY = re.compile(r"[A-Z][^A-Z\d]{5,100}, [A-Z][a-z]{1,15}[.!]?")
_PARTS = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ])")
_GAP = re.compile(r"\S[ \t]{4,}\S")
_QUOTES: Final = "\"“«‘'`„"
_STOP: Final = ".!?。！？"
_DIGITS: Final = "0123456789"


class _Token(NamedTuple):
    line: int
    word: str  # in small letters
    score: int  # 1: somebody's own, -1: of a notice, 0: neither
    named: bool  # with a capital, within a sentence
    starts: bool  # a sentence
    apart: bool  # from the words above, though no mark ends their sentence


def is_postscript(line: str) -> bool:
    """Whether a line begins with "P.S." and goes on."""
    return _POSTSCRIPT.match(line[:LINE_LIMIT].lstrip()) is not None


def speaks(lines: Sequence[str], start: int, stop: int) -> bool:
    """Whether a paragraph below a notice, or a line in it, says something in words of its own.

    Two of these stand in it, and not more of notices; or it is one sentence that ends with whom it
    is said to ("Delete this e-mail, Ben.").
    """
    if stop - start > _DEEPEST:
        return False
    if stop - start == 1 and _TO_SOMEBODY.fullmatch(lines[start].strip()):
        return True
    tokens = _tokens(lines, start, stop, contacts=False)
    own = sum([t.score > 0 and (not t.starts or t.word in _PERSONAL) for t in tokens])
    grammar = sum([t.word in _FUNCTION or t.word in _PERSONAL for t in tokens])
    return own >= _SAYS and own >= sum([t.score < 0 for t in tokens]) and grammar > 1


def own_lines(lines: Sequence[str], start: int, stop: int) -> list[int]:
    """The lines of a paragraph of a notice on which somebody's own words stand.

    Whole sentences, from the first to the last of them; empty when all is notice.
    """
    stop = min(stop, start + _DEEPEST)
    if any([len(line) > _WIDEST for line in lines[start:stop]]):
        return list(range(start, stop))  # no notice is as long
    tokens = _tokens(lines, start, stop)
    short = _short_sentences(lines, start, stop, tokens)
    if len(tokens) < _SENTENCE:
        return short
    english = sum([t.word in _ENGLISH for t in tokens])
    other = sum([t.word in _OTHER for t in tokens])
    least, dense = (_OWN, _DENSE) if english >= other else (_OWN_OTHER, _DENSE_OTHER)
    first, last = len(tokens), -1
    score = 0
    for i, token in enumerate(tokens):
        score += token.score
        if i >= _WINDOW:
            score -= tokens[i - _WINDOW].score
        if score >= least:
            held = [k for k in range(max(0, i - _WINDOW + 1), i + 1) if tokens[k].score > 0]
            first, last = min(first, held[0]), max(last, held[-1])
    for i, end in _sentences(tokens):
        score = sum([t.score for t in tokens[i:end]])
        if score >= max(least - 1, (end - i) / dense):
            first, last = min(first, i), max(last, end - 1)
    if last < 0:
        return list(range(short[0], short[-1] + 1)) if short else []
    while first and not tokens[first].starts:
        first -= 1
    while last + 1 < len(tokens) and not tokens[last + 1].starts:
        last += 1
    held = [tokens[first].line, tokens[last].line, *short]
    return list(range(min(held), max(held) + 1))


def _is_told(line: str, *, begins: bool, ends: bool, alone: bool) -> bool:
    """Whether sentences of a few words stand whole on a line and one of them is no notice's.

    ``begins``: the first begins with the line; ``ends``: the last ends with it, mark or none;
    ``alone``: the line is a paragraph.
    """
    text = line.strip(" \t*>\xa0")
    if len(text) > LINE_LIMIT or len(text.split()) > 2 * LONGEST or _LINK.search(text) is not None:
        return False
    if _GAP.search(text) is not None or (tells_who(text) and not _holds_together(text, _VERBS)):
        return False
    if advertises(text):
        return False
    parts = _PARTS.split(text)
    if not _is_ended(text) and not (ends and _holds_together(parts[-1], _FUNCTION | _PERSONAL)):
        parts.pop()
    alone = alone and len(parts) == 1
    return any([_is_told_shortly(part, alone) for part in parts[not begins :]])


def _is_told_shortly(sentence: str, alone: bool) -> bool:
    if len(sentence.split()) < 2 or not is_short(sentence) or is_house(sentence):
        return False
    if says_notice(sentence, alone=alone):
        return False
    return not _is_title(sentence) or (sentence.isupper() and _is_ended(sentence))


def _holds_together(text: str, words: frozenset[str]) -> bool:
    """Whether a text has one of the words that sentences have, and no number."""
    if any([c in _DIGITS for c in text]):
        return False
    return any([word in words for word in _TOKEN.findall(text.lower())])


def _is_ended(text: str) -> bool:
    """Whether a line ends as a sentence does."""
    return text[-LINE_LIMIT:].rstrip(" \t\"')”’»")[-1:] in {*_STOP}


def _short_sentences(
    lines: Sequence[str], start: int, stop: int, tokens: Sequence[_Token]
) -> list[int]:
    """The lines of a notice on which stand short sentences, and any of scripts without spaces, that
    are not of its words."""
    found: set[int] = set()
    for i in range(start, stop):
        line = lines[i]
        first, ended = i == start or _is_ended(lines[i - 1]), _is_ended(line)
        before = i + 1 < stop and lines[i + 1][:1].isupper()
        last = i + 1 == stop or (before and len(line) < _UNWRAPPED)
        whole = first and (ended or before or i + 1 == stop)
        short = whole and _is_short_sentence(lines, i, start)
        spoken = whole and ended and speaks(lines, i, i + 1)
        if short or spoken or _is_told(line, begins=first, ends=last, alone=start + 1 == stop):
            found.add(i)
    found.update(_postscripts(lines, start, stop))
    found.update([i for i in range(start, stop) if _is_long_unspaced(lines[i])])
    begins = [k for k, token in enumerate(tokens) if token.starts and not token.apart]
    for i, end in pairwise([*begins, len(tokens)]):
        words = tokens[i:end]
        if _SHORTEST <= end - i < _SENTENCE and _is_said_shortly(words):
            found.update([words[0].line, words[-1].line])
    return sorted(found)


def _postscripts(lines: Sequence[str], start: int, stop: int) -> Iterator[int]:
    """The lines of postscripts in a paragraph: each to the end of its sentence."""
    goes_on = False
    for i in range(start, stop):
        goes_on = goes_on or is_postscript(lines[i])
        if goes_on:
            yield i
            goes_on = not _is_ended(lines[i]) and i + 1 < stop and not lines[i + 1][:1].isupper()


def _is_said_shortly(sentence: Sequence[_Token]) -> bool:
    """Whether a sentence of a few words among those of a notice is somebody's own."""
    if (
        any([t.named and t.word not in _WHEN for t in sentence])
        or sum([t.score < 0 for t in sentence]) > 1
    ):
        return False
    grammar = sum([t.word in _FUNCTION or t.word in _PERSONAL for t in sentence])
    foreign = sum([not t.word.isascii() for t in sentence])
    if not grammar and foreign < 2:
        return False
    own = sum([t.score > 0 for t in sentence])
    near = any([t.word in _NEAR for t in sentence])
    return own > 0 and (near or sum([t.score for t in sentence]) > 1)


def _sentences(tokens: Sequence[_Token]) -> Iterator[tuple[int, int]]:
    """Where sentences of seven words begin and end; shorter ones go with those behind them."""
    i = 0
    while i < len(tokens):
        end = i + 1
        while end < len(tokens) and not tokens[end].apart:
            if tokens[end].starts and end - i >= _SENTENCE:
                break
            end += 1
        if end - i >= _SENTENCE:
            yield i, end
        i = end


def said_line(lines: Sequence[str], start: int, stop: int, *, bare: bool = False) -> int:
    """The line of a paragraph at which a sentence begins that somebody says; -1 without one.

    A sentence has seven words, or is a line of its own, some of them such as hold sentences
    together, and is neither a way to reach the writer nor a quotation with its author's name, nor
    of the words of notices. ``bare``: nobody's name or address is near, so what reads like a
    sentence is one.
    """
    stop = min(stop, start + _DEEPEST)
    for i in range(start, stop):
        if is_postscript(lines[i]):
            return i
        if _is_long_unspaced(lines[i]):
            return i
    if _is_quotation(lines, start, stop):
        return -1
    tokens = _tokens(lines, start, stop, contacts=False)
    said = [tokens[i].line for i, end in _sentences(tokens) if _is_said(tokens[i:end])]
    short = (i for i in range(start, stop) if _is_short_sentence(lines, i, start, bare=bare))
    return min([*said[:1], *islice(short, 1)], default=-1)


def _is_short_sentence(lines: Sequence[str], at: int, start: int, *, bare: bool = False) -> bool:
    """Whether a line of a paragraph is a sentence, or some, of three to a dozen words said there.

    It ends as sentences do, or begins with a small letter, or shouts; has words of its own, words
    that hold sentences together, and not two of notices. Two words do if ``bare``.
    """
    text = lines[at].strip(" \t*>\xa0")
    if text[:1] in _QUOTES or _GAP.search(text[:LINE_LIMIT]) is not None:
        return False  # a saying, or columns
    words = len(text.split())
    least = 2 if bare else _SHORTEST
    if not least <= words <= _WINDOW or len(text) > LINE_LIMIT or _LINK.search(text) is not None:
        return False
    small = text[:1].islower() and words > _SHORTEST
    if not (small or _is_ended(text) or (text.isupper() and words >= _SENTENCE)):
        return False
    above = lines[at - 1].strip(" \t-—_=*\xa0") if at > start else ""
    if text[:1].islower() and above and not (_is_ended(above) or tells_who(above)):
        return False  # the end of a longer one
    tokens = _tokens(lines, at, at + 1)
    grammar = sum([t.word in _FUNCTION or t.word in _PERSONAL for t in tokens])
    if sum([c in _DIGITS for c in text]) >= 6:
        return grammar > 2 and sum([t.score for t in tokens]) > 1
    if tells_who(text):
        return False
    if bare:
        return True
    own = sum([t.score > 0 for t in tokens])
    if not own or 2 * sum([t.named for t in tokens]) > len(tokens):
        return False
    foreign = sum([not t.word.isascii() for t in tokens])
    return (grammar > 0 or foreign > 1) and sum([t.score < 0 for t in tokens]) < 2


def _is_said(sentence: Sequence[_Token]) -> bool:
    if 2 * sum([t.named for t in sentence]) > len(sentence):
        return False
    grammar = sum([t.word in _FUNCTION or t.word in _PERSONAL for t in sentence])
    foreign = sum([not t.word.isascii() for t in sentence])
    least = max(_SAYS, len(sentence) // 6)
    return (grammar > 1 or foreign > 1) and sum([t.score for t in sentence]) >= least


def _is_quotation(lines: Sequence[str], start: int, stop: int) -> bool:
    """Whether a paragraph ends with a quotation and whose it is."""
    text = " ".join([line[:LINE_LIMIT].strip() for line in lines[start:stop]][:12])
    if any(line.lstrip(" \t-")[:1] in _QUOTES for line in lines[start:stop] if line.strip(" \t-")):
        return _ATTRIBUTED.search(text) is not None or _NAMED.search(text) is not None
    alone = _ATTRIBUTED.match(lines[stop - 1].strip()[:LINE_LIMIT])
    return alone is not None and stop - start > 1 and " " in alone["name"].strip()


def _is_long_unspaced(line: str) -> bool:
    """Whether a line of a script without spaces is a sentence, not a name or an address."""
    text = line[:LINE_LIMIT]
    if text.isascii() or any(c in _DIGITS for c in text):
        return False
    letters = _UNSPACED_LETTER.findall(text)
    if _UNSPACED_NOTICE.search(text) is not None:
        return False
    if text.rstrip()[-1:] in _STOP and len(letters) >= _UNSPACED_ENDED:
        return True
    if len(letters) < _UNSPACED:
        return False
    return len(letters) >= 2 * _UNSPACED or len(_SENTENCE_MARK.findall(text)) >= 1


def _contact_lines(lines: Sequence[str], start: int, stop: int) -> set[int]:
    """Short lines with a number or a link, and beside such the lines laid out in columns."""
    held = {
        i
        for i in range(start, stop)
        if len(lines[i]) < LINE_LIMIT
        and len(lines[i].split()) < _WINDOW
        and (sum([c in _DIGITS for c in lines[i]]) >= 6 or _LINK.search(lines[i]) is not None)
    }
    if held:
        held.update([i for i in range(start, stop) if _GAP.search(lines[i][:LINE_LIMIT])])
    return held


def _tokens(lines: Sequence[str], start: int, stop: int, *, contacts: bool = True) -> list[_Token]:
    """The words of some lines; without ``contacts`` only those of no contact lines."""
    made: list[_Token] = []
    starts = apart = True
    skipped = set() if contacts else _contact_lines(lines, start, stop)
    for number in range(start, stop):
        line = lines[number][:_WIDEST]
        if number in skipped:
            apart = True
            continue
        text = _LINK.sub(" url ", line)
        loud = text.isupper()
        end = 0
        for match in _TOKEN.finditer(text):
            starts = starts or apart or any(mark in _STOP for mark in text[end : match.start()])
            end = match.end()
            named = match[0][0].isupper() and not loud and not starts
            word = match[0].lower()
            score = _score(word, named)
            named = named and not (word in _PERSONAL or word in _FUNCTION)
            made.append(_Token(number, word, score, named, starts, apart))
            starts = apart = False
        starts = any(mark in _STOP for mark in text[end:])
        apart = apart or _is_title(line) or text.endswith(" url ")
    return made


def _is_title(line: str) -> bool:
    """Whether a line is a name, a title or the like, and no part of a sentence."""
    words = line.split()
    return 0 < len(words) < _SENTENCE and not any([word[:1].islower() for word in words])


def _score(word: str, named: bool) -> int:
    if word in _PERSONAL or word in _WHEN:
        return 1
    if len(word) < 3 or word in _FUNCTION:
        return 0
    stem = _stem(word)
    if stem in _NOTICE:
        return -1
    return 0 if named or stem in _NEUTRAL else 1
