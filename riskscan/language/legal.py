"""Rules for LAW, COURT and REGULATOR: statutes and sections, courts and cases, authorities.

The lists are written for this project from common knowledge. A section of a contract is no law:
"Section 4.1" counts only beside a statute, or when its number is one that names a statute by
itself ("Section 10(b)", "Rule 10b-5"). Repetitions are bounded, so hostile text costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Match = tuple[int, int, str]


def _loose(pattern: str) -> str:
    """Let every space of ``pattern`` that is not in a class match a wrapped line too."""
    parts = re.split(r"(\[[^\]]*\])", pattern)
    return "".join(p if p.startswith("[") else p.replace(" ", r"[ \n]{1,2}") for p in parts)


# --- regulators -------------------------------------------------------------------------------

_REGULATOR_ACRONYMS = (
    "FERC SEC CFTC FTC EPA OSHA ICO EDPB EDPS CPUC DOJ FDA FCC FDIC OCC CFPB EEOC IRS NLRB "
    "NTSB FAA "
    "NHTSA CPSC FINRA NASD PUCT PUCO ICC NRC MSHA PHMSA OFAC FinCEN FINCEN FCA PRA FSA BaFin CNIL "
    "AEPD DPC ESMA EBA EIOPA ECB ACCC ASIC APRA OAIC OPC OSC MAS SFC HKMA SEBI RBI CNMC AMF CRE "
    "OFGEM Ofgem OFCOM Ofcom OFWAT CMA SFO HMRC DEFRA MHRA CARB CEC EOB SCAQMD TCEQ TNRCC NYAG "
    "HHS OIG DEA ATF FBI USTR DOE DOI DOL DOT USDA USPTO ANEEL NEB AEUB PCAOB "
    "FASB FHFA OFHEO OTS NCUA NYDFS DTSC MPUC PSC PUC LPSC NYPSC FPSC WUTC OPUC MSRB"
)
# These mean something else so often that they count only written this way beside a cue.
_WEAK_TEXT = "ICC NRC PRA CRE CEC CMS ATF OTS MAS OPC CMA DOT DPC AMF PSC OSC NEB FASB SFO CARB EBA"
_WEAK_ACRONYMS = frozenset(_WEAK_TEXT.split())
_ALWAYS = frozenset(_REGULATOR_ACRONYMS.split()) - _WEAK_ACRONYMS

_STATE = (
    r"(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|"
    r"Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|"
    r"Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New (?:Hampshire|Jersey|"
    r"Mexico|York)|"
    r"(?:North|South) (?:Carolina|Dakota)|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|Tennessee|"
    r"Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming)"
)
_OF_WHAT = (
    r"(?:Justice|Energy|Labor|the Treasury|Treasury|Transportation|Agriculture|Commerce|Defense|"
    r"Health and Human Services|Homeland Security|the Interior|Interior|Insurance|State|"
    r"Environmental (?:Protection|Quality|Conservation)|Health|Financial Services|Water Resources)"
)
_REGULATOR_NAMES = re.compile(
    _loose(
        r"\b(?:"
        r"(?:U\.?S\.? )?Federal (?:Energy Regulatory|Trade|Communications|Power|Maritime|"
        r"Election|Reserve) (?:Commission|Board)"
        r"|(?:U\.?S\.? )?Securities (?:and|&) Exchange Commission"
        r"|Commodit(?:y|ies) Futures Trading Commission|Federal Reserve(?: Bank|"
        r" Board)?(?! Bank of)"
        r"|(?:U\.?S\.? )?Environmental Protection Agency|"
        r"Occupational Safety and Health Administration"
        r"|(?:U\.?S\.? )?Food (?:and|&) Drug Administration|Internal Revenue Service"
        r"|Equal Employment Opportunity Commission|National Labor Relations Board"
        r"|Consumer (?:Financial Protection Bureau|Product Safety Commission)"
        r"|Nuclear Regulatory Commission|Federal (?:Aviation Administration|"
        r"Deposit Insurance Corporation)"
        r"|Federal Bureau of Investigation|(?:U\.?S\.? )?Customs(?: Service| and Border Protection)"
        r"|Office of (?:Foreign Assets Control|the Comptroller of the Currency|"
        r"the Inspector General|"
        r"Inspector General|Civil Rights|Thrift Supervision|Ratepayer Advocates)"
        r"|(?:U\.?S\.? |United States )?(?:Department|Dept\.?) of "
        + _OF_WHAT
        + r"\b(?! (?:bill|form)s?\b)"
        r"|(?:U\.?S\.? )?(?:Justice|Treasury|Energy|Labor|Commerce|Interior) (?:Department|Dept\.?)"
        r"|" + _STATE + r" (?:Public (?:Utilit(?:y|ies)|Service) (?:Commission|Board)"
        r"|(?:Energy|Corporation|Railroad|Gaming|Power|State Corporation|Air Resources|"
        r"Commerce|Securities) "
        r"(?:Commission|Board)|Department of " + _OF_WHAT + r"|Attorney General(?:'s Office)?"
        r"|Energy Oversight Board|Electricity Oversight Board|Water Resources Control Board)"
        r"|(?:State )?(?:Public Utilit(?:y|ies)|Public Service) Commission(?: of (?:the State of )?"
        + _STATE
        + r")?"
        r"|(?:Railroad Commission|Public Utility Commission) of "
        + _STATE
        + r"|(?:Attorney General(?:'s Office)? of|Attorney General's Office of) (?:the State of )?"
        + _STATE
        + r"|Electricity Oversight Board|(?:California )?Air Resources Board|Energy Oversight Board"
        r"|(?:South Coast |Bay Area )?Air Quality Management District"
        r"|Information Commissioner(?:'s Office)?|European Data Protection (?:Board|Supervisor)"
        r"|European Commission|European Central Bank|Data Protection (?:Commission|"
        r"Commissioner|Authority)"
        r"|Financial (?:Conduct|Services|Reporting) (?:Authority|Council)|"
        r"Prudential Regulation Authority"
        r"|Competition and Markets Authority|Serious Fraud Office|Bank of England|"
        r"(?:Office of )Fair Trading"
        r"|Health and Safety Executive|Australian (?:Competition and Consumer|"
        r"Securities and Investments) Commission"
        r"|[A-Z][a-z]{2,15} Securities Commission|Air Quality Bureau|National Energy Board|"
        r"Alberta Energy and Utilities Board"
        r"|Financial Industry Regulatory Authority|National Association of Securities Dealers"
        r"|U\.?S\.? Attorney(?:'s Office)?(?! General)|(?:U\.S\. )?Attorney General's Office"
        r"|State Attorney General|Antitrust Division|Public Company Accounting Oversight Board"
        r")(?!\w)"
    )
)
_ACRONYM = re.compile(r"[A-Z](?<![\w@.$&-].)[A-Za-z]{1,6}(?![\w@&])")
_WEAK_CUE = re.compile(
    r"regulat|commission|filed|filing|ruling|rules|order|licen[cs]|permit|complian|investigat|"
    r"penalt|approv|audit|inspect|fined|complain",
    re.IGNORECASE,
)

# --- laws -------------------------------------------------------------------------------------

_LAW_ACRONYMS = (
    "GDPR HIPAA SOX FCPA RICO ERISA FERPA CCPA CPRA FLSA FMLA COPPA PURPA PUHCA FPA NGA NEPA "
    "CERCLA RCRA TSCA UCC FOIA GLBA CFAA DMCA ADEA OPA90 MiFID EMIR REMIT NGPA CEA UETA ITAR"
)
_ALWAYS_LAW = frozenset(_LAW_ACRONYMS.split())
_ACTS_SHORT = (
    r"(?:FPA|NGA|CEA|PUHCA|PURPA|NGPA|UCC|ERISA|GDPR|HIPAA|RICO|FCPA|SOX|CCPA|CWA|CAA|FLSA|"
    r"Exchange Act|Securities Act|Code|IRC|Bankruptcy Code)"
)
_ACT_END = re.compile(
    r"\b(?:Act|Acts|Code|Directive|Constitution|Statutes?|Ordinance)(?![\w-])"
    r"(?:,?[ \n](?:of[ \n])?\(?(?:19|20)\d\d\b\)?)?"
)
_SMALL = frozenset(("of", "the", "and", "for", "in", "to", "on", "&", "or", "by", "with", "from"))
_CASE_SMALL = frozenset(("of", "the", "and", "&", "for", "et", "al.", "al.,", "ex", "rel."))
_FORMS = frozenset(("Inc", "Cor", "LLC", "Ltd", "L.P", "L.L"))
_NO_NAME_TEXT = (
    "The This That These An A And Of In On For To Under With By If As When See Per Since Our Its "
    "Such Any Each Said Please Before After While Until Your My His Her Their No Not Is Was"
)
_NO_NAME = frozenset(_NO_NAME_TEXT.split())
_SUB = r"(?:\([A-Za-z0-9]{1,4}\)){0,6}"
_NUM = r"\d{1,5}[A-Za-z]?(?:[-.:]\d{1,5}){0,3}[A-Za-z]?" + _SUB
_PLACE = (
    r"(?:[Ss]ections?|[Ss]ec\.|\u00a7{1,2}|[Aa]rticles?|[Aa]rt\.|[Tt]itle|[Pp]art|[Cc]hapter|"
    r"[Rr]ules?|[Ss]ubsection|[Pp]aragraph)"
)
_LAW = re.compile(
    _loose(
        r"(?<!\w)(?:"
        # Section 206 of the Federal Power Act; Article 6(1) GDPR
        + _PLACE
        + r"[ \n]?(?:"
        + _NUM
        # "Section 311 (a)(1) of ...", with a blank
        + r"(?:[ ]\([a-z0-9]{1,2}\)(?:\([A-Za-z0-9]{1,4}\)){0,5})?"
        + r"|[IVX]{1,6})(?:(?:,| and| or|, and|, or)[ \n](?:"
        + _NUM
        + r")){0,4}"
        r"[ \n,]{1,2}(?:of[ \n](?:the[ \n])?|the[ \n])?(?:"
        + _ACTS_SHORT
        + r"\b(?:,?[ \n]of[ \n](?:19|20)\d\d)?"
        r"|(?:[A-Z][\w'-]{1,24}[ \n](?:of[ \n]|and[ \n]|for[ \n]|to[ \n]|"
        r"in[ \n]){0,1}){1,7}?(?:Act|Code)\b(?:[ \n]of[ \n](?:19|20)\d\d)?)"
        # statute sections known by their number
        r"|[Ss]ec(?:tions?|\.|s\.)[ \n](?:10\(b\)|16\(?[ab]\)?|13\(d\)|14\(a\)|12\(g\)|20\(a\)|"
        r"205|206|203|404|302|311|271|"
        r"1983|409A|162\(m\)|501\(c\)(?:\(3\))?|401\(k\)|1031|7\(c\)|4\(c\)|2\(g\)|2\(h\)|32|"
        r"33|9\(c\)|230|1981|363|365)"
        r"(?![\w.]\w|\()"
        r"|Rules?[ \n](?:10b-?5(?:-\d)?|12b-1|144A?|506|16b-3|10b5-1|14a-8|13e-3|15c3-1|"
        r"\d{1,2}\([a-z]\)(?:\(\d\)){0,2}|30\(b\)\(6\)|26|408)(?!\w|\.\d)"
        # codes
        r"|\d{1,2}[ \n](?:U\.?S\.?C\.?(?:A\.?)?|"
        r"C\.?F\.?R\.?)(?![A-Za-z])(?:[ \n,]{0,2}(?:\u00a7{1,2}|[Ss]ec(?:tions?|s?\.)|"
        r"[Pp]arts?|[Pp]t\.)?[ \n]{0,2}"
        + _NUM
        + r"(?:(?:-|,? and |, )"
        + _NUM
        + r"(?!\w| ?[UC]\.?[SF])){0,3})?"
        r"|\d{1,3}[ \n]Fed\.?[ \n]Reg\.?[ \n][\d,]{2,7}|Fed\.[ \n]?R\.[ \n]?(?:Civ|Crim|App|"
        r"Evid|Bankr)\.[ \n]?(?:P\.)?(?:[ \n]?" + _NUM + r")?"
        r"|Federal Rules of (?:Civil|Criminal|Appellate|Bankruptcy) Procedure|"
        r"Federal Rules of Evidence"
        # acts by name
        r"|(?:Sarbanes[- ]Oxley|Dodd[- ]Frank|Gramm[- ]Leach[- ]Bliley|Glass[- ]Steagall|"
        r"Hart[- ]Scott[- ]Rodino|HSR|Taft[- ]Hartley|Robinson[- ]Patman)(?: Act)?"
        r"|General Data Protection Regulation|Uniform Commercial Code|Internal Revenue Code"
        r"|(?:First|Fourth|Fifth|Sixth|Tenth|Fourteenth) Amendment(?! to)"
        r"|Title (?:VII|IX|II|III|VI)\b(?! (?:company|insurance))|Chapter (?:11|7|"
        r"13)\b(?! (?:of|in|pages?)\b)"
        r"|Regulation (?:S-[XKT]|FD|[DZTUXEYSO])\b"
        r"|(?:Regulation|Directive|Decision) (?:\((?:EU|EC|"
        r"EEC)\) )?(?:No\.? )?\d{2,4}/\d{1,4}(?:/(?:EC|EU|EEC))?"
        # bills, orders and propositions
        r"|(?:FERC )?Order Nos?\. ?\d{3,4}(?:-?[A-Z])?(?:(?:,| and|"
        r", and) (?:No\. )?\d{3,4}(?:-[A-Z])?){0,3}"
        r"|Order (?:888|889|2000|636|637|497|592|2003|2004)(?:-?[A-Z])?\b"
        r"|(?:AB|SB|HB|HR|ACR|SCR|ABX|SBX|H\.R\.|S\.B\.|A\.B\.|"
        r"H\.B\.)[ -]?\d{1,4}[Xx]{0,2}\d?\b|(?:AB|SB)[ -]?[1-9][Xx][Xx]?[ -]?\d{0,3}\b|(?:AB|"
        r"SB)[ -]?\d?[Xx]{1,2}[ -]?\d{1,3}\b"
        r"|(?:Assembly|Senate|House) (?:Bill|Resolution)s? (?:No\. )?\d{1,4}[Xx]?\b|"
        r"Prop(?:osition|\.) \d{1,3}\b"
        r"|Executive Order (?:No\. )?\d{3,5}|Public Law (?:No\. )?\d{1,3}-\d{1,4}|"
        r"Pub\. ?L\. (?:No\. )?\d{1,3}-\d{1,4}"
        r")"
    )
)
# "Dress Code" is no law: a code must be one of these, or follow a state's name.
_CODES = re.compile(
    r"\b(?:Bankruptcy|Revenue|Tax|Commercial|Penal|Civil|Criminal|Business|Professions|Government|"
    r"Health|Safety|Utilities|Water|Vehicle|Labor|Family|Probate|Administrative|Insurance|Property|"
    r"U\.?S\.?|States|Corporations|Finance|Education|Election|Judicial|Procedure|Building|"
    + _STATE
    + r")[ \n]{1,2}Code"
)
_NOT_AN_ACT = re.compile(r"(?:Class|Juggling|Balancing|Opening|Sister|Tough|Hard|Great) Act")

# --- courts -----------------------------------------------------------------------------------

_COURT_OF = (
    r"(?:[ \n]{1,2}(?:of|for)[ \n]{1,2}(?:the[ \n]{1,2})?(?:[A-Z][\w.'-]{1,20}[ \n]{0,2}){1,4}"
    r"(?:of[ \n]{1,2}(?:the[ \n]{1,2})?(?:[A-Z][\w.'-]{1,20}[ \n]{0,2}){1,3})?"
    r"(?:,[ \n]" + _STATE + r"\b)?)?"
)
_NOT_A_PLACE = r"(?!(?:The|In|And|By|Before|From|To|At|Of|With|For|On|Our|This|That|If|A|An)\b)"
_COURT = re.compile(
    _loose(
        r"(?<!\w)(?:"
        r"(?:(?:U\.?S\.?|United[ \n]States|Federal|"
        + _STATE
        + r"|[A-Z][a-z]{2,15}[ \n]County|\d{1,3}(?:st|nd|rd|th)|"
        + _NOT_A_PLACE
        + r"[A-Z][a-z]{2,15}(?:[ \n][A-Z][a-z]{2,15})?)[ \n])?"
        r"(?:Supreme|Superior|District|Circuit|Bankruptcy|Federal|High|Crown|Appeals|Appellate|"
        r"Probate|Chancery|Tax|Family|Municipal|Juvenile|Claims|International|World)[ \n]"
        r"(?:Court(?:house)?)(?:[ \n]of[ \n](?:Appeals?|Claims|Justice|Arbitration))?"
        + _COURT_OF
        + r"|(?:(?:U\.?S\.?|United[ \n]States|"
        + _STATE
        + r")[ \n])?Courts?[ \n]of[ \n](?:Criminal[ \n]|Civil[ \n])?(?:Appeals?|Chancery|"
        r"Claims|Justice|Arbitration|International[ \n]Trade|Common[ \n]Pleas|"
        r"Queen's[ \n]Bench|First[ \n]Instance)"
        + _COURT_OF
        + r"|(?:\d{1,3}(?:st|nd|rd|th)|[A-Z]?[a-z]{3,8}th|[Ff]irst|[Ss]econd|"
        r"[Tt]hird)[ \n][Jj]udicial[ \n]"
        r"[Dd]istrict[ \n][Cc]ourt(?:,[ \n][A-Z]\w+[ \n]County,[ \n]" + _STATE + r")?"
        r"|[Bb]ankruptcy[ \n]court"
        r"|(?:European[ \n])?Court[ \n]of[ \n](?:Justice|Human[ \n]Rights)|SCOTUS|CJEU"
        r"|(?:First|Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth|Tenth|Eleventh|"
        r"D\.?C\.?|Federal|[1-9](?:st|nd|rd|th)|1[01]th)[ \n](?:Circuit|"
        r"Cir\.)(?:[ \n]Court(?:[ \n]of[ \n]Appeals)?)?"
        r"|(?:Northern|Southern|Eastern|Western|Central|Middle)[ \n]District[ \n]of[ \n]"
        + _STATE
        + r"|(?:S|N|E|W|C|M)\.?D\.?N\.?Y\.?(?!\w)"
        r"|London[ \n]Court[ \n]of[ \n]International[ \n]Arbitration|"
        r"American[ \n]Arbitration[ \n]Association"
        r")(?!\w)"
    )
)
# "Pacific Gas & Electric Co. v. FERC": the parties are found by walking away from the "v."
_VERSUS = re.compile(r"(?<=[\w.)])[ \n]vs?\.?[ \n](?=[A-Z])")
_LAWSUIT = re.compile(
    r"\b(?:[Cc]ourt|[Ll]awsuit|[Ss]uit|[Pp]laintiffs?|[Dd]efendants?|[Dd]ocket|[Ll]itigation|"
    r"[Cc]omplaint|"
    r"et al|Inc|Corp|LLC|L\.P|State of|People of|County)\b"
)
_IN_RE = re.compile(r"\bIn re:? (?=[A-Z])")
_REPORTER = re.compile(
    r"\d{1,3} (?:U\.S\.|F\.(?:2d|3d|4th)?|F\. ?Supp|S\. ?Ct|FERC|P\.[23]d|Cal\.|A\.2d|N\.E|"
    r"N\.Y|So\. ?2d|S\.W)"
)


_WORD = re.compile(r"\S{1,40}")
_DOTTED = frozenset(
    ("Inc.", "Corp.", "Co.", "Ltd.", "L.P.", "U.S.", "Cos.", "Bros.", "Ass'n.", "L.L.C.")
)


# A regular expression of many names is slow; a look for its rarest letters is not.
_REGULATOR_HINTS = (
    *("ommission", "epartment", "Dept", "gency", "oard", "uthority", "Attorney", "Administration"),
    *("Revenue", "ureau", "Office of", "Bank", "Customs", "Reserve", "Antitrust", "Fair Trading"),
    *("Management District", "Data Protection", "Executive", "Securities Dealers", "Council"),
)
_LAW_HINTS = (
    *(
        "ection",
        "Sec.",
        "sec.",
        "\u00a7",
        "Rule",
        "rule",
        "rticle",
        "Art.",
        "Title",
        "title",
        "U.S.C",
    ),
    *("USC", "U.S.", "C.F.R", "CFR", "Fed", "arbanes", "Dodd", "Gramm", "Glass", "Hart", "Taft"),
    *("Sherman", "Clayton", "Lanham", "Robinson", "General Data", "Uniform", "Internal Rev"),
    *("Amendment", "egulation", "irective", "Decision", "Order", "AB", "SB", "HB", "HR", "H.R"),
    *("S.B", "A.B", "H.B", "ACR", "SCR", "ssembly", "Senate", "House", "Prop", "Public Law", "Pub"),
    *("HSR", "Chapter", "chapter", "Part", "part ", "aragraph"),
)

_MOST_CITATIONS = 50  # in one text


def legal_matches(text: str) -> Iterator[Match]:
    """Yield ``(start, end, label)`` of LAW, COURT and REGULATOR in ``text``; spans may overlap."""
    if any(hint in text for hint in _REGULATOR_HINTS):
        for match in _REGULATOR_NAMES.finditer(text):
            yield match.start(), match.end(), "REGULATOR"
    for match in _ACRONYM.finditer(text):
        word = match.group()
        if word in _ALWAYS:
            yield match.start(), match.end(), "REGULATOR"
        elif word in _ALWAYS_LAW:
            yield match.start(), match.end(), "LAW"
        elif word in _WEAK_ACRONYMS and _WEAK_CUE.search(
            text, max(0, match.start() - 60), match.end() + 60
        ):
            yield match.start(), match.end(), "REGULATOR"
    if any(hint in text for hint in _LAW_HINTS):
        for match in _LAW.finditer(text):
            yield match.start(), match.end(), "LAW"
    for match in _ACT_END.finditer(text):
        start = _walk_back(text, match.start(), _SMALL, commas=True)
        name = text[start : match.end()]
        known = _CODES.search(name) if "Code" in name else not _NOT_AN_ACT.match(name)
        if start < match.start() and known:
            yield start, match.end(), "LAW"
    if "ourt" in text or "Cir" in text or "District of" in text or "DNY" in text or "D.N.Y" in text:
        for match in _COURT.finditer(text):
            yield match.start(), match.start() + len(match.group().rstrip(" \n.,")), "COURT"
    if " v" in text or "\nv" in text:
        for match in _VERSUS.finditer(text):
            start = _walk_back(text, match.start(), _CASE_SMALL, commas=False)
            end = _walk_on(text, match.end())
            if start < match.start() and end > match.end() and _is_case(text, match, start, end):
                yield start, end, "COURT"
    for match in _IN_RE.finditer(text):
        yield match.start(), _walk_on(text, match.end()), "COURT"
    yield from _citations(text)


def _is_case(text: str, match: re.Match[str], start: int, end: int) -> bool:
    """Tell a case from a game: "v." is enough, "vs" needs a word of the law near it."""
    if match.group().strip() == "v.":
        return True
    around = text[max(0, start - 160) : match.start()] + text[match.end() : end + 160]
    return _LAWSUIT.search(around) is not None


def _walk_back(text: str, end: int, small: frozenset[str], commas: bool) -> int:
    """Return the start of the capitalised name that ends at ``end``.

    The name may hold words of ``small`` inside, and commas where ``commas`` says so.
    """
    window = max(0, end - 160)
    words = [(m.start() + window, m.group()) for m in _WORD.finditer(text[window:end])]
    start = end
    for count, (at, word) in enumerate(reversed(words)):
        gap = text[at + len(word) : at + len(word) + 2]
        ended = word[-1] in ".;:!?)" and word not in _DOTTED
        if count >= 9 or "\n\n" in gap or (count and ended):
            break
        if word[-1] == "," and not (count and commas) and text[start : start + 3] not in _FORMS:
            break
        if word in small and count:
            continue
        if not word[0].isupper() or word in _NO_NAME:
            break
        start = at
    return start


def _walk_on(text: str, start: int) -> int:
    """Return the end of the capitalised name that begins at ``start``."""
    end = start
    for count, match in enumerate(_WORD.finditer(text, start, start + 100)):
        word = match.group()
        if count >= 7 or "\n\n" in text[end : match.start()] or (count and word in _NO_NAME):
            break
        if word[0].isupper() or word == "&":
            end = match.start() + len(word.rstrip(".,;:)\"'?!"))
            if word[-1] in ",;:)!?" and not text.startswith(
                (" Inc", " Corp", " L.L.C", " LLC", " Ltd"), match.end()
            ):
                break
            if word[-1] == "." and word not in _DOTTED:
                break
            if word in ("Inc.", "Corp.", "LLC", "Ltd.", "L.P."):
                break
        elif word not in ("of", "the", "and"):
            break
    return end


def _citations(text: str) -> Iterator[Match]:
    """Yield what eyecite finds around the reporters named in ``text``: it is slow elsewhere."""
    done = 0
    for count, match in enumerate(_REPORTER.finditer(text)):
        if count >= _MOST_CITATIONS:
            return
        if match.start() < done:
            continue
        # Imported here: it takes a second, and few mailboxes cite a reporter.
        from eyecite import get_citations
        from eyecite.models import FullCaseCitation, FullLawCitation

        begin, done = max(0, match.start() - 20), match.end() + 200
        for citation in get_citations(text[begin:done]):
            start, end = citation.span()  # type: ignore[no-untyped-call]
            if isinstance(citation, FullCaseCitation):
                yield begin + start, begin + end, "COURT"
            elif isinstance(citation, FullLawCitation):
                yield begin + start, begin + end, "LAW"
