"""Mail that attacks the reviewer's browser: nothing of it runs, nothing is fetched."""

from __future__ import annotations

from pathlib import Path

from browser import Watched, browsing
from scan_building import embedded, mail, multipart, text_part

from riskscan.case.store import Finding, FoundEntity, Scored, open_case
from riskscan.engine import Engine
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.merging import merge
from riskscan.stages.progress import Silent

ATTACKS = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<img src=https://tracker.example/pixel.gif>",
    "<svg onload=window.pwned=1><script>window.pwned=1</script></svg>",
    "<style>@import url(https://tracker.example/a.css);*{background:url(//tracker.example/b)}</style>",
    '<meta http-equiv="refresh" content="0;url=https://tracker.example/">',
    "<base href=https://tracker.example/>",
    "<a href=javascript:window.pwned=1>click</a>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<iframe src=data:text/html,<script>parent.pwned=1</script>></iframe>",
    "<object data=https://tracker.example/o></object><embed src=https://tracker.example/e>",
    "<form action=https://tracker.example/><button>Decide</button></form>",
    "<link rel=stylesheet href=https://tracker.example/c.css>",
    "<video src=https://tracker.example/v autoplay><audio src=//tracker.example/a autoplay>",
    "</textarea></title></style></script><script>window.pwned=1</script>",
    "\"><script>window.pwned=1</script>",
    "' onmouseover=window.pwned=1 autofocus onfocus=window.pwned=1 x='",
    "</mark><details open ontoggle=window.pwned=1>",
    "{{ ''.__class__ }}{% print(1) %}${7*7}",
    "javascript:window.pwned=1",
    "data:text/html,<script>window.pwned=1</script>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.pwned=1>",
    "\u202e<script>window.pwned=1</script>",
)  # fmt: skip


def _mails() -> list[bytes]:
    mails = []
    for number, attack in enumerate(ATTACKS, 1):
        safe = attack.replace("\u202e", "").replace('"', "'")
        calm = "".join(c for c in safe if c not in "<>@,;:()[]\\'")
        encoded = attack.encode().hex(" ").replace(" ", "=").upper()
        word = f"=?utf-8?q?={encoded}?=" if encoded else ""
        several = {
            "subject": word,
            "sender": f"{word} <a{number}{calm[:4].strip() or 'x'}@quay.example>",
            "to": f'"{safe}" <x@quay.example>, "{safe}"@quay.example',
        }
        mails.append(mail(number, f"{attack}\n\nOn Monday x wrote:\n> {attack}\n", **several))
        html = f"<html><body><p>Dear all, {attack} regards</p></body></html>"
        mails.append(mail(100 + number, html, content="text/html; charset=utf-8", **several))
        part = (
            f'Content-Type: text/html; name="{safe}.html"\n'
            f'Content-Disposition: attachment; filename="{safe}.html"\n\n{html}'
        )
        inner = mail(300 + number, attack, subject=word)
        parts = [text_part(attack), part, embedded(inner)]
        mails.append(multipart(200 + number, parts, **several))
    return mails


def hostile_case(folder: Path) -> Path:
    """Every attack in every place: texts, headers, names, folders, entities, findings."""
    box = folder / "<img src=x onerror=window.pwned=1>" / "<script>window.pwned=1<>.mbox"
    box.parent.mkdir(parents=True)
    with box.open("wb") as stream:
        for one in _mails():
            stream.write(b"From x@quay.example Tue Mar  5 08:00:00 2024\n" + one + b"\n")
    case = folder / "case"
    with open_case(case) as store, Engine(0) as engine:
        run = store.start_run("scan", {})
        ingest(store, engine, [box.parent], '"><script>window.pwned=1</script>', Silent(), Limits())
        with store.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT message_id, body FROM texts").all()
        model = store.model("detector", "<script>window.pwned=1</script>", "f", {})
        scored, named = [], []
        for key, body in rows:
            end = min(len(body), 40)
            signal = "<script>window.pwned=1</script>" if key % 2 else "concealment"
            found = (Finding("authored", None, 0, end, body[:end], signal, 0.9),)
            scored.append(Scored(key, 0.9 - key / 1000, True, (signal,), found))
            label = "<b onclick=window.pwned=1>" if key % 3 else "PERSON"
            named.append((key, [FoundEntity("authored", 2, end, body[2:end], label)]))
        store.add_scores(model, scored)
        store.add_entities(store.model("entities", "e", "f", {}), named)
        merge(store, Silent())
        store.finish_run(run, {})
    return case


_STRANGE = """() => [...document.querySelectorAll('*')].filter((e) =>
  ['IFRAME', 'OBJECT', 'EMBED', 'IMG', 'VIDEO', 'AUDIO', 'BASE', 'STYLE', 'MATH']
    .includes(e.tagName)
  || (e.tagName === 'META' && e.httpEquiv)
  || (e.tagName === 'SCRIPT' && e.getAttribute('src') !== '/static/page.js')
  || (e.tagName === 'LINK' && !(e.getAttribute('href') || '').startsWith('/static/'))
  || (e.tagName === 'FORM' && new URL(e.action).origin !== location.origin)
  || [...e.attributes].some((a) => a.name.startsWith('on') || a.name === 'style')
).map((e) => e.outerHTML.slice(0, 200))"""
_LINKS = """() => [...document.querySelectorAll('a')].filter((e) => e.getAttribute('href'))
.map((e) => new URL(e.getAttribute('href'), location).href)"""


def _visit(watched: Watched, address: str) -> set[str]:
    watched.open(address)
    assert watched.page.evaluate(_STRANGE) == [], address
    links = watched.page.evaluate(_LINKS)
    for link in links:
        assert link.startswith(f"{watched.base}/"), link
    watched.check()
    return {link.removeprefix(watched.base) for link in links if "/file/" not in link}


def test_no_mail_runs_or_fetches_anything(tmp_path: Path) -> None:
    with browsing(hostile_case(tmp_path)) as watched:
        page = watched.page
        seen: set[str] = set()
        messages = {f"/m/{number}" for number in range(1, 3 * len(ATTACKS) + 1)}
        found = _visit(watched, "/") | _visit(watched, "/timeline") | messages
        found |= {"/people", "/progress", "/m/1/history", "/m/2/batch?scope=same", "/m/3/batch"}
        for address in sorted(found, key=len)[:110]:
            if address.startswith("/") and address not in seen:
                seen.add(address)
                found |= _visit(watched, address)
                page.keyboard.press("o")
        assert len(seen) > 80
        for link in page.locator(".text a, .text mark").all()[:5]:
            link.hover()
        watched.check()


def test_what_a_reviewer_types_does_not_run_either(tmp_path: Path) -> None:
    with browsing(hostile_case(tmp_path)) as watched:
        page = watched.page
        for attack in (ATTACKS[1], *ATTACKS[14:16]):
            watched.open("/progress")
            page.get_by_label("You review as").fill(attack[:80])
            page.get_by_role("button", name="Change").click()
            watched.open("/m/1")
            page.get_by_label("Note").fill(attack)
            page.get_by_role("button", name="Flag").click()
            watched.open("/?people=ida&q=" + attack.replace("<", "%3C").replace("#", "%23"))
            _visit(watched, "/?signal=concealment")
            page.get_by_label("Name of this search").fill(attack)
            page.get_by_role("button", name="Keep").click()
            for address in ("/", "/m/1", "/m/1/history", "/progress"):
                _visit(watched, address)


def test_an_attachment_is_downloaded_and_not_shown(tmp_path: Path) -> None:
    with browsing(hostile_case(tmp_path)) as watched:
        watched.open("/m/3")
        with watched.page.expect_download() as waiting:
            watched.page.get_by_role("link", name="Download").first.click()
        name = waiting.value.suggested_filename
        assert name.endswith(".html.txt")
        assert not set(name) & set('<>/\\":')
        watched.check()
