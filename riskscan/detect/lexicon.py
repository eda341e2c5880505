"""Word classes: words that play the same part in voicing concern, whatever the trade.

The lists are written for this project from the signals of the codebook. They feed features whose
weights are learnt; no word flags anything by itself.
"""

from __future__ import annotations

CLASSES: dict[str, str] = {
    "self": "i me my mine myself i'm i've i'd i'll im ive",
    "we": "we us our ours ourselves we're we've we'd we'll lets let's weve",
    "they": "he she they him her them his their he's she's they're they've guy guys",
    "you": "you your yours you're you've you'd u ur yall",
    "not": (
        "not no never none nobody nothing neither nor cannot can't cant don't dont doesn't doesnt "
        "didn't didnt isn't isnt aren't arent wasn't wasnt weren't werent won't wont wouldn't "
        "wouldnt shouldn't shouldnt couldn't couldnt haven't havent hasn't hasnt hadn't hadnt "
        "without ain't aint"
    ),
    "may": "may might could would should can shall must ought supposed gonna gotta need needs",
    "doubt": (
        "unsure doubt doubts doubtful wonder wondering worried worry worries worrying question "
        "questionable iffy dodgy sketchy shady fishy murky grey gray risky nervous afraid fear "
        "concerned concern concerns uneasy hesitant suspicious suspect problematic sure certain"
    ),
    "unease": (
        "uncomfortable comfortable uneasy wrong right feels feel feeling conscience sick sleep "
        "stomach ashamed shame guilty disgusting immoral unethical ethical ethics moral morally "
        "fair unfair smell smells smelly gross queasy weird creepy icky slimy qualms decent "
        "honest dishonest"
    ),
    "law": (
        "law laws legal legally illegal illegally unlawful lawful unlicensed license licence "
        "licensed statute statutory regulation regulations regulatory compliance compliant "
        "noncompliant comply violate violates violated violating violation violations breach "
        "breaches breached breaching infringe infringes infringing infringement criminal crime "
        "crimes felony offence offense fraud fraudulent bribe bribes bribery kickback kickbacks "
        "collusion cartel antitrust insider gdpr hipaa copyright piracy pirated discrimination "
        "harassment retaliation liable liability prohibited forbidden banned permitted allowed "
        "permission unauthorized unauthorised authorized policy rules"
    ),
    "trouble": (
        "jail prison fined fine fines penalty penalties exposure exposed exposes indicted charged "
        "prosecuted sanction sanctioned lawsuit lawsuits sue sued suing suit litigation subpoena "
        "subpoenas subpoenaed investigation investigations investigate investigating investigator "
        "investigators raid probe complaint complaints allegation allegations alleged accuse "
        "accused accusing claim inquiry deposition summons whistleblower screwed toast hook"
    ),
    "hide": (
        "hide hides hiding hidden hid conceal concealed conceals concealing concealment bury "
        "buried burying mask masked masking disguise disguised cover covering covered quiet "
        "quietly secret secretly secrecy stealth stealthy invisible covert discreet discreetly "
        "unnoticed undetected untraceable trace traced traceable trail tracks fingerprints radar "
        "anonymous anonymously vpn tor burner offline off-book books whisper mum sweep rug "
        "backdoor under-the-table sneak"
    ),
    "destroy": (
        "delete deletes deleted deleting shred shreds shredded shredding destroy destroyed "
        "destroying erase erased erasing wipe wiped wiping purge purged purging scrub scrubbed "
        "scrubbing burn burned burnt remove removed overwrite overwritten overwrote disappear "
        "disappeared vanish lose lost trash toss tossed bleach reformat rewrite rewrote alter "
        "altered altering doctored doctor tamper tampered tampering redact sanitize sanitise"
    ),
    "false": (
        "false falsely falsify falsified falsifying fake faked faking fabricated fabricate "
        "fabricating made-up forged forge forging backdate backdated backdating misstate "
        "misstated misstatement mislead misled misleading misrepresent misrepresented "
        "misrepresentation lie lied lies lying inflate inflated inflating pad padded padding "
        "fudge fudged fudging cook cooked cooking massage massaged phantom bogus sham fictitious "
        "untrue inaccurate double-counted overstated overstate overbilled overbilling upcode "
        "upcoded upcoding pretend pretended cheat cheated cheating rigged rig manipulated "
        "manipulate manipulating manipulation bluff dressed"
    ),
    "record": (
        "record records recorded recording email emails e-mail e-mails mail writing written log "
        "logs logged logging document documents documented documentation paper paperwork file "
        "files filed minutes notes memo memos receipts invoice invoices entry entries evidence "
        "proof copy copies timestamp timestamps metadata history audit report reports draft "
        "drafts text texts chat slack thread message messages"
    ),
    "channel": (
        "call phone whatsapp signal telegram personal private gmail cell verbally verbal orally "
        "person in-person face offline lunch coffee walk hallway voicemail ring"
    ),
    "watcher": (
        "auditor auditors audit regulator regulators inspector inspectors inspection investigator "
        "lawyer lawyers attorney attorneys counsel legal compliance hr board press journalist "
        "reporter police prosecutor prosecutors doj sec ferc cftc ftc epa osha fda ico cms oig "
        "irs hmrc customs coastguard union ombudsman hotline ethics committee ceo director"
    ),
    "raise": (
        "raise raised raising report reported reporting escalate escalated escalating flagged "
        "flag flagging warned warn warning told tell complain complained disclose disclosed "
        "disclosing disclosure notify notified object objected objecting refuse refused refusing "
        "ignored ignore ignoring dismissed brushed shrugged whistle speak spoke"
    ),
    "force": (
        "forced force forcing pressure pressured pressuring pushed push pushing threatened "
        "threaten threatening threat threats fired fire sacked quit resign job career or-else "
        "ordered order orders insisted insist demanded demand told made makes coerced bully "
        "bullied leaned retaliate retaliated retaliation punish punished demoted consequences"
    ),
    "know": (
        "know knew known knows knowing aware realise realised realize realized admit admitted "
        "admits acknowledge acknowledged confess confessed caught discovered found noticed"
    ),
    "wrongdo": (
        "skip skipped skipping bypass bypassed bypassing circumvent circumvented circumventing "
        "workaround evade evaded evading avoid avoided avoiding dodge dodged loophole ignore "
        "ignored override overrode overridden sidestep splitting split launder laundered scrape "
        "scraped scraping torrent torrents torrenting pirate crack cracked leak leaked steal "
        "stole stolen dump dumped dumping poach swap swapped game gamed gaming switch switched "
        "disable disabled unplugged"
    ),
    "joke": "lol haha hahaha jk joking kidding ;-) :-) :) ;) lmao wink nudge smiley",
    "routine": (
        "please attached attach review reviewed markup redline redlines comments executed "
        "execution signature signed agreement amendment draft nda isda exhibit schedule section "
        "closing newsletter unsubscribe subscribe article published training reminder mandatory "
        "annual course module webinar register conference"
    ),
}

WORD_CLASS: dict[str, tuple[str, ...]] = {}
for _name, _words in CLASSES.items():
    for _word in _words.split():
        WORD_CLASS[_word] = (*WORD_CLASS.get(_word, ()), _name)
