"""Rules for LAW, COURT and REGULATOR: statutes and sections, courts and cases, authorities.

The lists are written for this project from common knowledge. A section of a contract is no law:
"Section 4.1" counts only beside a statute, or when its number is one that names a statute by
itself ("Section 10(b)", "Rule 10b-5"). Repetitions are bounded, so hostile text costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Match = tuple[int, int, str]

# --- regulators -------------------------------------------------------------------------------

_REGULATOR_ACRONYMS = (
    "FERC SEC CFTC FTC EPA OSHA ICO EDPB EDPS CPUC DOJ FDA FCC FDIC OCC CFPB EEOC IRS NLRB NTSB FAA "
    "NHTSA CPSC FINRA NASD PUCT PUCO ICC NRC MSHA PHMSA OFAC FinCEN FINCEN FCA PRA FSA BaFin CNIL "
    "AEPD DPC ESMA EBA EIOPA ECB ACCC ASIC APRA OAIC OPC OSC MAS SFC HKMA SEBI RBI CNMC AMF CRE "
    "OFGEM Ofgem OFCOM Ofcom OFWAT CMA SFO HMRC DEFRA MHRA CARB CEC EOB SCAQMD TCEQ TNRCC NYAG "
    "HHS CMS OIG DEA ATF FBI USTR DOE DOI DOL DOT USDA USPTO FERC's CPUC's ANEEL NEB AEUB PCAOB "
    "FASB FHFA OFHEO OTS NCUA NYDFS DTSC MPUC PSC PUC LPSC NYPSC FPSC WUTC OPUC NERC MSRB"
)
# These mean something else so often that they count only written this way beside a cue.
_WEAK_ACRONYMS = frozenset(
    "ICC NRC PRA CRE CEC CMS ATF OTS MAS OPC CMA DOT DPC AMF PSC OSC NEB FASB NERC SFO CARB".split()
)
_ALWAYS = frozenset(a for a in _REGULATOR_ACRONYMS.split() if "'" not in a) - _WEAK_ACRONYMS

_STATE = (
    r"(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|"
    r"Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|"
    r"Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New (?:Hampshire|Jersey|Mexico|York)|"
    r"(?:North|South) (?:Carolina|Dakota)|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|Tennessee|"
    r"Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming)"
)
_OF_WHAT = (
    r"(?:Justice|Energy|Labor|the Treasury|Treasury|Transportation|Agriculture|Commerce|Defense|"
    r"Health and Human Services|Homeland Security|the Interior|Interior|Insurance|State|"
    r"Environmental (?:Protection|Quality|Conservation)|Health|Financial Services|Water Resources)"
)
_REGULATOR_NAMES = re.compile(
    r"\b(?:"
    r"Federal (?:Energy Regulatory|Trade|Communications|Power|Maritime|Election|Reserve) (?:Commission|Board)"
    r"|(?:U\.?S\.? )?Securities (?:and|&) Exchange Commission"
    r"|Commodit(?:y|ies) Futures Trading Commission|Federal Reserve(?: Bank| Board)?(?! Bank of)"
    r"|(?:U\.?S\.? )?Environmental Protection Agency|Occupational Safety and Health Administration"
    r"|(?:U\.?S\.? )?Food (?:and|&) Drug Administration|Internal Revenue Service"
    r"|Equal Employment Opportunity Commission|National Labor Relations Board"
    r"|Consumer (?:Financial Protection Bureau|Product Safety Commission)"
    r"|Nuclear Regulatory Commission|Federal (?:Aviation Administration|Deposit Insurance Corporation)"
    r"|Federal Bureau of Investigation|(?:U\.?S\.? )?Customs(?: Service| and Border Protection)"
    r"|Office of (?:Foreign Assets Control|the Comptroller of the Currency|the Inspector General|"
    r"Inspector General|Civil Rights|Thrift Supervision|Ratepayer Advocates)"
    r"|(?:U\.?S\.? |United States )?(?:Department|Dept\.?) of " + _OF_WHAT + r"\b(?! (?:bill|form)s?\b)"
    r"|(?:U\.?S\.? )?(?:Justice|Treasury|Energy|Labor|Commerce|Interior) (?:Department|Dept\.?)"
    r"|" + _STATE + r" (?:Public (?:Utilit(?:y|ies)|Service) (?:Commission|Board)"
    r"|(?:Energy|Corporation|Railroad|Gaming|Power|State Corporation|Air Resources|Commerce|Securities) "
    r"(?:Commission|Board)|Department of " + _OF_WHAT + r"|Attorney General(?:'s Office)?"
    r"|Energy Oversight Board|Electricity Oversight Board|Water Resources Control Board)"
    r"|(?:State )?(?:Public Utilit(?:y|ies)|Public Service) Commission(?: of (?:the State of )?" + _STATE + r")?"
    r"|(?:Railroad Commission|Public Utility Commission) of " + _STATE +
    r"|(?:Attorney General(?:'s Office)? of|Attorney General's Office of) (?:the State of )?" + _STATE +
    r"|Electricity Oversight Board|(?:California )?Air Resources Board|Energy Oversight Board"
    r"|(?:South Coast |Bay Area )?Air Quality Management District"
    r"|Information Commissioner(?:'s Office)?|European Data Protection (?:Board|Supervisor)"
    r"|European Commission|European Central Bank|Data Protection (?:Commission|Commissioner|Authority)"
    r"|Financial (?:Conduct|Services|Reporting) (?:Authority|Council)|Prudential Regulation Authority"
    r"|Competition and Markets Authority|Serious Fraud Office|Bank of England|(?:Office of )Fair Trading"
    r"|Health and Safety Executive|Australian (?:Competition and Consumer|Securities and Investments) Commission"
    r"|Ontario Securities Commission|National Energy Board|Alberta Energy and Utilities Board"
    r"|Financial Industry Regulatory Authority|National Association of Securities Dealers"
    r"|U\.?S\.? Attorney(?:'s Office)?(?! General)|(?:U\.S\. )?Attorney General's Office"
    r"|State Attorney General|Antitrust Division|Public Company Accounting Oversight Board"
    r")(?!\w)"
)
_ACRONYM = re.compile(r"(?<![\w@.$/-])[A-Z][A-Za-z]{1,6}(?![\w@&-])")
_WEAK_CUE = re.compile(
    r"\b(?:the|with|by|before|from|to|at|of|and) $|(?:regulator|commission|filed|filing|ruling|order)",
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
_CASE_SMALL = frozenset(("of", "the", "and", "&", "for"))
_FORMS = frozenset(("Inc", "Cor", "LLC", "Ltd", "L.P", "L.L"))
_NO_NAME = frozenset(
    "The This That These An A And Of In On For To Under With By If As When See Per Since Our Its "
    "Such Any Each Said Please Before After While Until Your My His Her Their No Not Is Was".split()
)
_SUB = r"(?:\([A-Za-z0-9]{1,4}\)){0,6}"
_NUM = r"\d{1,5}[A-Za-z]?(?:[-.:]\d{1,5}){0,3}[A-Za-z]?" + _SUB
_PLACE = r"(?:[Ss]ections?|[Ss]ec\.|\u00a7{1,2}|[Aa]rticles?|[Aa]rt\.|[Tt]itle|[Pp]art|[Cc]hapter|[Rr]ules?|[Ss]ubsection|[Pp]aragraph)"
_LAW = re.compile(
    r"(?<!\w)(?:"
    # Section 206 of the Federal Power Act; Article 6(1) GDPR
    + _PLACE + r"[ \n]?(?:" + _NUM + r"|[IVX]{1,6})(?:(?:,| and| or|, and|, or)[ \n](?:" + _NUM + r")){0,4}"
    r"[ \n,]{1,2}(?:of[ \n](?:the[ \n])?|the[ \n])?(?:" + _ACTS_SHORT + r"\b|(?:[A-Z][\w'-]{1,24}[ \n](?:of[ \n]|and[ \n]|for[ \n]|to[ \n]|in[ \n]){0,1}){1,7}?(?:Act|Code)\b(?:[ \n]of[ \n](?:19|20)\d\d)?)"
    # statute sections known by their number
    r"|[Ss]ec(?:tions?|\.|s\.)[ \n](?:10\(b\)|16\(b\)|16\(a\)|13\(d\)|14\(a\)|12\(g\)|20\(a\)|205|206|203|404|302|311|271|"
    r"1983|409A|162\(m\)|501\(c\)(?:\(3\))?|401\(k\)|1031|7\(c\)|4\(c\)|2\(g\)|2\(h\)|32|33|9\(c\)|230|1981|363|365)"
    r"(?![\w.]\w|\()"
    r"|Rules?[ \n](?:10b-?5(?:-\d)?|12b-1|144A?|506|16b-3|10b5-1|14a-8|13e-3|15c3-1|\d{1,2}\([a-z]\)(?:\(\d\)){0,2}|30\(b\)\(6\)|26|408)(?!\w|\.\d)"
    # codes
    r"|\d{1,2}[ \n](?:U\.?S\.?C\.?(?:A\.?)?|C\.?F\.?R\.?)(?![A-Za-z])(?:[ \n,]{0,2}(?:\u00a7{1,2}|[Ss]ec(?:tions?|s?\.)|[Pp]arts?|[Pp]t\.)?[ \n]{0,2}" + _NUM + r"(?:(?:-|,? and |, )" + _NUM + r"){0,3})?"
    r"|\d{1,3}[ \n]Fed\.?[ \n]Reg\.?[ \n][\d,]{2,7}|Fed\.[ \n]?R\.[ \n]?(?:Civ|Crim|App|Evid|Bankr)\.[ \n]?(?:P\.)?(?:[ \n]?" + _NUM + r")?"
    r"|Federal Rules of (?:Civil|Criminal|Appellate|Bankruptcy) Procedure|Federal Rules of Evidence"
    # acts by name
    r"|(?:Sarbanes[- ]Oxley|Dodd[- ]Frank|Gramm[- ]Leach[- ]Bliley|Glass[- ]Steagall|Hart[- ]Scott[- ]Rodino|HSR|Taft[- ]Hartley|Sherman|Clayton|Lanham|Robinson[- ]Patman)(?: Act)?"
    r"|General Data Protection Regulation|Uniform Commercial Code|Internal Revenue Code"
    r"|(?:First|Fourth|Fifth|Sixth|Tenth|Fourteenth) Amendment"
    r"|Title (?:VII|IX|II|III|VI)\b(?! (?:company|insurance))|Chapter (?:11|7|13)\b(?! (?:of|in|pages?)\b)"
    r"|Regulation (?:S-[XKT]|FD|[DZTUXEYSO])\b"
    r"|(?:Regulation|Directive|Decision) (?:\((?:EU|EC|EEC)\) )?(?:No\.? )?\d{2,4}/\d{1,4}(?:/(?:EC|EU|EEC))?"
    # bills, orders and propositions
    r"|(?:FERC )?Order Nos?\. ?\d{3,4}(?:-?[A-Z])?(?:(?:,| and|, and) (?:No\. )?\d{3,4}(?:-[A-Z])?){0,3}"
    r"|Order (?:888|889|2000|636|637|497|592|2003|2004)(?:-?[A-Z])?\b"
    r"|(?:AB|SB|HB|HR|ACR|SCR|ABX|SBX|H\.R\.|S\.B\.|A\.B\.|H\.B\.)[ -]?\d{1,4}[Xx]{0,2}\d?\b|(?:AB|SB)[ -]?[1-9][Xx][Xx]?[ -]?\d{0,3}\b|(?:AB|SB)[ -]?\d?[Xx]{1,2}[ -]?\d{1,3}\b"
    r"|(?:Assembly|Senate|House) (?:Bill|Resolution)s? (?:No\. )?\d{1,4}[Xx]?\b|Prop(?:osition|\.) \d{1,3}\b"
    r"|Executive Order (?:No\. )?\d{3,5}|Public Law (?:No\. )?\d{1,3}-\d{1,4}|Pub\. ?L\. (?:No\. )?\d{1,3}-\d{1,4}"
    r")"
)
_NOT_AN_ACT = re.compile(
    r"^(?:Zip|Area|Dress|Bar|Source|Access|Promo(?:tion)?|Project|Postal|Country|Security|Pass|Swift|ZIP|"
    r"SWIFT|Bank|Org|Cost|Account|Charge|Reference|Product|Region|State|Location|Sort|Time|Tracking|"
    r"Company|Discount|Coupon|The|This|An?|Our|Your|HTML|Java|Reservation|Confirmation|Conference|"
    r"Participant|Pass|Passcode|Call|Dial|Host|Deal|Tax ID|Meter|Vendor|Reason|Error|Status)\b[^\n]{0,30}(?:Code|Act|Directive)s?$",
)
# --- courts -----------------------------------------------------------------------------------

_COURT_OF = (
    r"(?:[ \n](?:of|for)[ \n](?:the[ \n])?(?:[A-Z][\w.'-]{1,20}[ \n]?){1,4}"
    r"(?:of[ \n](?:the[ \n])?(?:[A-Z][\w.'-]{1,20}[ \n]?){1,3})?)?"
)
_COURT = re.compile(
    r"(?<!\w)(?:"
    r"(?:(?:U\.?S\.?|United[ \n]States|Federal|" + _STATE + r"|[A-Z][a-z]{2,15}[ \n]County|Delaware)[ \n])?"
    r"(?:Supreme|Superior|District|Circuit|Bankruptcy|Federal|High|Crown|Appeals|Appellate|Probate|Chancery|Tax|Family|Municipal|Juvenile|Claims|International|World)[ \n]"
    r"(?:Court(?:house)?)(?:[ \n]of[ \n](?:Appeals?|Claims|Justice|Arbitration))?" + _COURT_OF +
    r"|(?:(?:U\.?S\.?|United[ \n]States|" + _STATE + r")[ \n])?Courts?[ \n]of[ \n](?:Criminal[ \n]|Civil[ \n])?(?:Appeals?|Chancery|Claims|Justice|Arbitration|International[ \n]Trade|Common[ \n]Pleas|Queen's[ \n]Bench|First[ \n]Instance)" + _COURT_OF +
    r"|European[ \n]Court[ \n]of[ \n](?:Justice|Human[ \n]Rights)|SCOTUS|CJEU"
    r"|(?:First|Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth|Tenth|Eleventh|D\.?C\.?|Federal|[1-9](?:st|nd|rd|th)|1[01]th)[ \n](?:Circuit|Cir\.)(?:[ \n]Court(?:[ \n]of[ \n]Appeals)?)?"
    r"|(?:Northern|Southern|Eastern|Western|Central|Middle)[ \n]District[ \n]of[ \n]" + _STATE +
    r"|(?:S|N|E|W|C|M)\.?D\.?N\.?Y\.?(?!\w)"
    r"|London[ \n]Court[ \n]of[ \n]International[ \n]Arbitration|American[ \n]Arbitration[ \n]Association"
    r")(?!\w)"
)
# "Pacific Gas & Electric Co. v. FERC": the parties are found by walking away from the "v."
_VERSUS = re.compile(r"(?<=[\w.)])[ \n]vs?\.?[ \n](?=[A-Z])")
_IN_RE = re.compile(r"\bIn re:? (?=[A-Z])")
_REPORTER = re.compile(r"\d{1,3} (?:U\.S\.|F\.(?:2d|3d|4th)?|F\. ?Supp|S\. ?Ct|FERC|P\.[23]d|Cal\.|A\.2d|N\.E|N\.Y|So\. ?2d|S\.W)")


_WORD = re.compile(r"[^\s]{1,40}")
_DOTTED = frozenset(("Inc.", "Corp.", "Co.", "Ltd.", "L.P.", "U.S.", "Cos.", "Bros.", "Ass'n.", "L.L.C."))


def legal_matches(text: str) -> Iterator[Match]:
    """Yield ``(start, end, label)`` of LAW, COURT and REGULATOR in ``text``; spans may overlap."""
    for match in _REGULATOR_NAMES.finditer(text):
        yield match.start(), match.end(), "REGULATOR"
    for match in _ACRONYM.finditer(text):
        word = match.group()
        if word in _ALWAYS:
            yield match.start(), match.end(), "REGULATOR"
        elif word in _ALWAYS_LAW:
            yield match.start(), match.end(), "LAW"
        elif word in _WEAK_ACRONYMS and _WEAK_CUE.search(text, max(0, match.start() - 24), match.start()):
            yield match.start(), match.end(), "REGULATOR"
    for match in _LAW.finditer(text):
        yield match.start(), match.end(), "LAW"
    for match in _ACT_END.finditer(text):
        start = _walk_back(text, match.start(), _SMALL, commas=True)
        if start < match.start() and not _NOT_AN_ACT.match(text[start : match.end()]):
            yield start, match.end(), "LAW"
    if "ourt" in text or "Cir" in text or "District of" in text or "DNY" in text or "D.N.Y" in text:
        for match in _COURT.finditer(text):
            yield match.start(), len(text[: match.end()].rstrip(" \n.,")), "COURT"
    if " v" in text or "\nv" in text:
        for match in _VERSUS.finditer(text):
            start = _walk_back(text, match.start(), _CASE_SMALL, commas=False)
            end = _walk_on(text, match.end())
            if start <= match.start() and end > match.end():
                yield start, end, "COURT"
    for match in _IN_RE.finditer(text):
        yield match.start(), _walk_on(text, match.end()), "COURT"
    if _REPORTER.search(text):
        yield from _citations(text)


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
        if count >= 7 or (count and text[match.start() - 1] == "\n"):
            break
        if word[0].isupper() or word == "&":
            end = match.start() + len(word.rstrip(".,;:)\"'?!"))
            if word[-1] in ",;:)!?" and not text.startswith((" Inc", " Corp", " L.L.C", " LLC", " Ltd"), match.end()):
                break
            if word[-1] == "." and word not in _DOTTED:
                break
            if word in ("Inc.", "Corp.", "LLC", "Ltd.", "L.P."):
                break
        elif word not in ("of", "the", "and"):
            break
    return end


def _citations(text: str) -> Iterator[Match]:
    """Yield what eyecite finds; called only where a reporter is named, for it is slow."""
    # Imported here: it takes a second, and few mailboxes cite a reporter.
    from eyecite import get_citations
    from eyecite.models import FullCaseCitation, FullLawCitation

    for citation in get_citations(text[:20_000]):
        start, end = citation.span()
        if isinstance(citation, FullCaseCitation):
            yield start, end, "COURT"
        elif isinstance(citation, FullLawCitation):
            yield start, end, "LAW"


