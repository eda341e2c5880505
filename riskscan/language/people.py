"""Names of people: read from display names, addresses and texts, and whether two may be one person.

Reads "Jane Q. Roe", "Roe, Jane Q", "Roe III, Jane (Legal)", Notes and X.500 names, and the local
part of addresses ("jane.roe@", "j..roe@", "jroe@"). All letters are folded: no case, no accents.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from riskscan.language.gazetteer import COMPANY_WORDS, GIVEN_NAMES

LONGEST = 120
_MOST_WORDS = 6
_TITLES_TEXT = """
mr mrs ms miss dr prof professor sir hon judge justice rev capt mister ing dipl mme
"""
_TITLES = frozenset(_TITLES_TEXT.split())
_SUFFIXES_TEXT = """
jr sr ii iii iv esq esquire phd md cpa jd llm mba cfa pe dds ret llp pc pllc
"""
_SUFFIXES = frozenset(_SUFFIXES_TEXT.split())
_PARTICLES_TEXT = """
van von de del della der den da di du la le st san mac bin ibn al el ten ter dos das
"""
_PARTICLES = frozenset(_PARTICLES_TEXT.split())
# Words of a display name or address that is no person's.
_ROLES_TEXT = """
all address no not staff team desk list group info support sales admin administrator help
helpdesk service noreply reply newsletter news announcements announcement mailer daemon
postmaster webmaster everyone distribution users members subscribers alerts alert office
department dept division operations shift system security legal counsel compliance research
marketing accounting accounts payroll billing human resources hr it enquiries inquiries contact
hello mail email notification notifications do not undisclosed recipients unknown none
conference room center
"""
_ROLES = frozenset(_ROLES_TEXT.split())
_NICKNAMES_TEXT = """
abigail abby gail | albert al bert | alexander alex al sandy | alexandra alex sandra sandy
alfred al fred | allan al | allen al | alan al | amanda mandy | andrea andi | andrew andy drew
anthony tony | antonio tony | arnold arnie | arthur art | barbara barb barbie | benjamin ben
bernard bernie | beverly bev | bradley brad | bradford brad | calvin cal | cameron cam
carolyn carol | catherine cathy cat kate katie | charles charlie chuck chas | cheryl cher
christina chris chrissy tina | christine chris chrissy tina | christopher chris kit topher
clifford cliff | clinton clint | constance connie | cynthia cindy | daniel dan danny
david dave davey | deborah deb debbie debby | debra deb debbie | dennis denny | diana di
diane di | donald don donnie | dorothy dot dottie | douglas doug | edmund ed ted
edward ed eddie ted ned | edwin ed | eleanor ellie nell
elizabeth liz beth betty betsy lizzie eliza libby | eugene gene | evelyn evie | francis frank fran
frances fran | franklin frank | frederick fred freddy rick | gabriel gabe | gary gare
geoffrey geoff jeff | gerald gerry jerry | gerard gerry | gilbert gil | gregory greg gregg
harold hal harry | harrison harry | harvey harv | heather heath | henry hank | herbert herb
howard howie | irving irv | isaac ike | jacob jake | jacqueline jackie | james jim jimmy jamie
janet jan | janice jan | jason jay | jeanette jean | jeffrey jeff | jeffery jeff
jennifer jen jenny jenn | jeremy jerry | jerome jerry | jessica jess jessie | joan joanie
johnathan jon | john jack johnny | jonathan jon | joseph joe joey | joshua josh | joyce joy
judith judy | julia julie | katherine kate kathy katie kat | kathleen kathy kate katie
kathryn kathy kate katie | kenneth ken kenny | kevin kev | kimberly kim | kristen kris
kristin kris | lawrence larry | leonard len lenny leo | leslie les | lillian lily | linda lindy
louis lou | louise lou | lucille lucy | marcus marc mark | margaret maggie meg peggy marge
marjorie marge | martin marty | martha marty | marvin marv | matthew matt | maureen mo
maxwell max | melissa mel lissa | michael mike mick mickey | michelle shelly | mitchell mitch
nancy nan | nathan nate | nathaniel nate nat | nicholas nick nicky | nicole nikki | norman norm
oliver ollie | pamela pam | patricia pat patty tricia trish | patrick pat paddy | peter pete
philip phil | phillip phil | priyanka pri | priscilla pris | rachel rae | randall randy
randolph randy | raymond ray | rebecca becky becca | reginald reg | ricardo rick
richard rick dick rich ricky richie | robert bob rob bobby robbie bert | roberta bobbie
rodney rod | roger rog | ronald ron ronnie | rosemary rose | russell russ | samantha sam
samuel sam sammy | sandra sandy | sidney sid | stanley stan | stephanie steph | stephen steve
steven steve | stewart stu | stuart stu | susan sue susie suzy | suzanne sue suzy | sylvia syl
tamara tammy | terence terry | terrence terry | teresa terry | theresa terry
theodore ted teddy theo | thomas tom tommy | timothy tim timmy | tobias toby | valerie val
vernon vern | veronica ronnie | victor vic | victoria vicky vicki tori | vincent vince vinny
virginia ginny | vivian viv | walter walt wally | wendell del | wilfred will
william bill will billy willy | winston win | zachary zach zack
svetlana sveta | natalia natasha | natalya natasha | ekaterina katya | tatiana tanya | olga olya
irina ira | elena lena | yelena lena | dmitri dima | dmitry dima | mikhail misha | nikolai kolya
pavel pasha | aleksandr sasha | aleksandra sasha | vladimir vova | sergei serge | yuri yura
francisco paco | guillermo memo | ignacio nacho | giuseppe beppe | johannes hans | friedrich fritz
"""
# Names that are often written as another: people who write to somebody mix them up, but two people
# of one surname may well be told apart by them.
_SOUNDING_TEXT = """
ann anne | brian bryan | carol carole | catherine katherine kathryn | cathy kathy | chris kris
| craig kraig | debbie debby | deborah debra | eric erik | geoff jeff | geoffrey jeffrey jeffery
| gail gayle | gene jean | gerry jerry | greg gregg | isabel isabelle | jackie jacky | jon john
| joan joann joanne | karen karin | karl carl | kathleen cathleen | kristen kristin kirsten
| laura lora | lesley leslie | linda lynda | lynn lynne lyn | lori laurie | marc mark
| marilyn marylin | matthew mathew | michele michelle | nicholas nicolas | philip phillip
| rachel rachael | rebecca rebekah | sara sarah | sean shawn shaun | shelley shelly
| sheri sherri sherry | stephen steven | stewart stuart | susan suzan
| teresa theresa | terri terry | tracey tracy traci | vicki vicky vickie
"""


@dataclass(frozen=True, slots=True)
class PersonName:
    """A folded name. One word alone ("jeff") is ``alone``; all other parts are then empty."""

    given: str = ""
    middle: str = ""
    surname: str = ""
    suffix: str = ""
    alone: str = ""

    @property
    def key(self) -> str:
        """The name as one text that tells it from others."""
        parts = (self.given, self.middle, self.surname, self.suffix, self.alone)
        return " ".join(part for part in parts if part)

    @property
    def words(self) -> frozenset[str]:
        """What may stand for the person: each part, nicknames and spellings of the given name."""
        own = {self.given, self.surname, *self.surname.split()[-1:], *nicknames(self.given)}
        own |= _sounding().get(self.given, frozenset())
        if len(self.middle) > 1:
            own.add(f"{self.given} {self.middle}")
            own.add(f"{self.middle} {self.surname}")
        return frozenset(word for word in own if len(word) > 1)


def fold(text: str) -> str:
    """``text`` without accents and case, apostrophes made one."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


@cache
def _nicknames() -> dict[str, frozenset[str]]:
    groups = [
        g.split() for row in _NICKNAMES_TEXT.splitlines() for g in row.split("|") if g.split()
    ]
    return {name: frozenset(others) for name, *others in groups}


@cache
def _sounding() -> dict[str, frozenset[str]]:
    groups = [frozenset(group.split()) for group in _SOUNDING_TEXT.split("|")]
    return {name: group - {name} for group in groups for name in group}


def nicknames(given: str) -> frozenset[str]:
    """The usual short forms of a given name."""
    return _nicknames().get(given, frozenset())


_PARENTHESIS = re.compile(r"\([^()]{0,80}\)|\[[^\[\]]{0,80}\]|<[^<>]{0,120}>")
_UNIT = re.compile(r"^(\S{2,30}) (?:\S ?)?- \S.{0,60} (\S{2,30})$")
_WORD = re.compile(r"[^\W\d_][^\W\d_.'’-]*(?:[.'’-][^\W\d_]+)*\.?")
_QUOTES = "\"'“”‘’` \t\n,;\\"
_SITES = (".com", ".net", ".org", ".co.uk")


@lru_cache(maxsize=20_000)
def parse_name(text: str) -> PersonName | None:
    """The name of a person in ``text``; None when it names something else, or nobody."""
    text = _PARENTHESIS.sub(" ", " ".join(text[:LONGEST].split())).strip(_QUOTES)
    if "/" in text:  # Lotus Notes: "Jane Roe/HOU/ACME@ACME"
        text = text.partition("/")[0].strip()
    if not text or "@" in text:
        return None
    unit = _UNIT.match(text)
    if unit:  # "Jane - ACME Legal Roe", as gateways of Notes make it
        text = f"{unit[1]} {unit[2]}"
    left, comma, right = text.partition(",")
    if comma and right.strip():
        first = fold(right.split()[0]).replace(".", "").strip(",")
        if first not in _SUFFIXES and "," not in right:
            return _name([*right.split(), "", *left.split()])
        text = left
    return _name(text.split())


def _name(raw: list[str]) -> PersonName | None:
    """A name of words in natural order; an empty one stands before the surname, if known."""
    words: list[str] = []
    suffix, border = "", -1
    for word in raw:
        if not word:
            border = len(words)
            continue
        if not _WORD.fullmatch(word.strip(_QUOTES)):
            return None
        folded = fold(word.strip(_QUOTES)).strip(".-")
        if folded.endswith(_SITES):
            return None
        bare = folded.replace(".", "")
        if bare in _SUFFIXES and (words or border >= 0):
            suffix = bare
        elif bare not in _TITLES or (words and not border):
            words.append(folded)
    if border >= len(words):
        border = -1
    if not words or len(words) > _MOST_WORDS or any(w in _ROLES for w in words):
        return None
    if len(words) > 1 and any(w in COMPANY_WORDS and w not in GIVEN_NAMES for w in words):
        return None
    if len(words) == 1:
        return PersonName(alone=words[0]) if len(words[0]) > 1 else None
    at = border if border > 0 else len(words) - 1
    while border < 0 and at > 1 and words[at - 1] in _PARTICLES:
        at -= 1
    surname = " ".join(words[at:])
    if len(surname) < 2:
        return None
    return PersonName(words[0], " ".join(words[1:at]), surname, suffix)


_SPLIT = re.compile(r"[._\-+]+")
_CN = re.compile(r"/cn=([^/@]{1,64})(?:@|$)")


@lru_cache(maxsize=20_000)
def local_name(address: str) -> PersonName | None:
    """The name that the local part of an address spells out: "jane.roe@", "j..roe@", or None.

    One word ("jroe") gives a name that is ``alone``; of an X.500 address, its last common name.
    """
    local, _, _ = fold(address).rpartition("@")
    common = _CN.search(local + "@")
    words = [w for w in _SPLIT.split(common[1] if common else local) if w]
    if not words or len(words) > 4 or not all(w.isalpha() for w in words):
        return None
    if any(w in _ROLES for w in words):
        return None
    if len(words) == 1:
        return PersonName(alone=words[0]) if len(words[0]) > 2 else None
    middle = " ".join(w for w in words[1:-1] if w not in _PARTICLES)
    surname = " ".join([*(w for w in words[1:-1] if w in _PARTICLES), words[-1]])
    return PersonName(words[0], middle, surname) if len(words[-1]) > 1 else None


def same_given(one: str, other: str) -> bool:
    """Whether two given names may be one: equal, a nickname, or an initial."""
    if one == other or other in nicknames(one) or one in nicknames(other):
        return True
    short, long = sorted((one.rstrip("."), other.rstrip(".")), key=len)
    return len(short) == 1 and long.startswith(short)


def compatible(one: PersonName, other: PersonName) -> bool:
    """Whether two full names may be one person: surname, given name, and nothing against it."""
    if not one.surname or one.surname != other.surname or not same_given(one.given, other.given):
        return False
    if one.suffix and other.suffix and one.suffix != other.suffix:
        return False
    if not one.middle or not other.middle:
        return True
    short, long = sorted((one.middle, other.middle), key=len)
    return long.startswith(short) if len(short) == 1 else short == long


def initial_and_surname(name: PersonName) -> str:
    """ "jroe" of Jane Roe."""
    return name.given[:1] + name.surname.replace(" ", "").replace("'", "").replace("-", "")


def written(text: str) -> str:
    """A display name in natural order, for reading: "Roe, Jane Q." is "Jane Q. Roe"."""
    text = _PARENTHESIS.sub(" ", " ".join(text[:LONGEST].split())).strip(_QUOTES)
    text = text.partition("/")[0].strip()
    unit = _UNIT.match(text)
    if unit:
        return f"{unit[1]} {unit[2]}"
    left, comma, right = (part.strip() for part in text.partition(","))
    name = parse_name(text)
    if comma and name is not None and fold(right.split()[0]).startswith(name.given[:1]):
        surname, _, suffix = left.partition(" ")
        if fold(suffix).replace(".", "") in _SUFFIXES:
            return f"{right} {surname} {suffix}"
        return f"{right} {left}"
    return text
