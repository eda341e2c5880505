"""A WhatsApp chat saved as ``team.txt`` was not read, and was said to look like JSON."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_building import read

from riskscan.sources.item import Item, NotRead

WHO = ("Ada Quay", "Bo", "Ada Quay", "+44 20 7946 0991", "Bo", "Ada Quay")
CHATS = {
    "german iphone": "[13.03.24, 09:{m}:07] {who}: Das Seil ist da",
    "german android": "13.03.24, 09:{m} - {who}: Das Seil ist da",
    "us iphone": "[3/13/24, 9:{m}:07 AM] {who}: the rope is here",
    "us android": "3/13/24, 9:{m} AM - {who}: the rope is here",
    "us android, narrow": "3/13/24, 9:{m}\u202fAM - {who}: the rope is here",
    "british android": "13/03/2024, 09:{m} - {who}: the rope is here: now",
    "indian android": "13/03/24, 9:{m} am - {who}: rassi aa gayi",
    "french android": "13/03/2024, 09:{m} - {who}: la corde est là",
    "french android, older": "13/03/2024 à 09:{m} - {who}: la corde est là",
    "french iphone": "[13/03/2024 à 09:{m}:07] {who}: la corde est là",
    "spanish android": "13/3/24, 9:{m} - {who}: ha llegado la cuerda",
    "spanish android, half days": "13/3/24 9:{m} a.\xa0m. - {who}: ha llegado la cuerda",
    "italian iphone": "[13/03/24, 09:{m}:07] {who}: la corda è qui",
    "brazilian android": "13/03/2024 09:{m} - {who}: a corda chegou",
    "dutch iphone": "[13-03-24 09:{m}:07] {who}: het touw is er",
    "dutch android": "13-03-24 09:{m} - {who}: het touw is er",
    "danish android": "13.03.2024 09.{m} - {who}: rebet er her",
    "swedish android": "2024-03-13 09:{m} - {who}: repet är här",
    "finnish iphone": "[13.3.2024 klo 9.{m}.07] {who}: köysi on täällä",
    "finnish android": "13.3.2024 klo 9.{m} - {who}: köysi on täällä",
    "polish android": "13.03.2024, 09:{m} - {who}: lina jest",
    "russian android": "13.03.2024, 09:{m} - {who}: канат пришёл",
    "turkish android": "13.03.2024 09:{m} - {who}: halat geldi",
    "hungarian android": "2024. 03. 13. 9:{m} - {who}: itt a kötél",
    "arabic android": "١٣\u200f/٣\u200f/٢٠٢٤، ٩:{m} ص - {who}: وصل الحبل",
    "japanese android": "2024/03/13 9:{m} - {who}: ロープが来た",
    "chinese android": "2024/3/13 上午9:{m} - {who}: 绳子到了",
    "canadian android": "2024-03-13, 9:{m} a.m. - {who}: the rope is here",
    "thai android": "13/3/2567 09:{m} - {who}: เชือกมาแล้ว",
}
NO_CHATS = {
    "python logging": "2024-03-13 09:{m}:07,123 - root - INFO - loaded: 3",
    "python logging, dates cut": "2024-03-13 09:{m} - ferry.tides - INFO - loaded: 3",
    "python logging, upper names": "13/03/2024, 09:{m} - Ferry - WARNING: no tide",
    "php": "[2024-03-13 09:{m}:07] local.ERROR: no tide",
    "php with commas": "[13/03/2024, 09:{m}:07] app.INFO: tide",
    "levels": "[13/03/2024, 09:{m}:07] Info: tide",
    "processes": "[13/03/2024, 09:{m}:07] sshd[12]: accepted",
    "kernel": "13/03/2024, 09:{m} - kernel: usb disconnected",
    "lower-case modules": "13/03/2024, 09:{m} - tides: read {who}",
    "machines": "13/03/2024, 09:{m} - Worker-{m}: done",
    "paths": "13/03/2024, 09:{m} - C:\\ferry\\run: done",
    "syslog": "Mar 13 09:{m}:07 quay sshd[12]: accepted",
    "syslog of RFC 5424": "<34>1 2024-03-13T09:{m}:07Z quay su - ID47: failed",
    "nginx": '203.0.113.9 - - [13/Mar/2024:09:{m}:07 +0000] "GET / HTTP/1.1" 200 5',
    "nginx errors": "2024/03/13 09:{m}:07 [error] 31#31: *1 open() failed",
    "log4j": "2024-03-13 09:{m}:07,123 [main] INFO  c.e.Ferry - started: {m}",
    "windows": "[13/03/2024 09:{m}:07] Setup: copied {m}",
    "irssi": "09:{m} <{who}> hello: all",
    "weechat": "2024-03-13 09:{m}:07\t{who}\thello",
    "znc": "[09:{m}:07] <{who}> hello",
    "hexchat": "Mar 13 09:{m}:07 <{who}>\thello",
    "skype": "[13/03/2024 09:{m}:07] {who}: hello",
    "skype, american": "[3/13/2024 9:{m}:07 AM] {who}: hello",
    "skype, iso": "[2024-03-13 09:{m}:07] {who}: hello",
    "telegram": "{who}, [13.03.24 09:{m}]\nhello",
    "pidgin": "(09:{m}:07) {who}: hello",
    "viber": "[ Wednesday, 13 March 2024 ] [ 09:{m} ] {who}: hello",
    "line": "09:{m}\t{who}\thello",
    "kakaotalk": "2024. 3. 13. 오전 9:{m}, {who} : hello",
    "zoom": "09:{m}:07 From {who} to Everyone: hello",
    "text messages": "13/03/2024, 09:{m} - Sent to {who}: hello",
    "text messages, to the second": "2024-03-13 09:{m}:07 - {who}: hello",
    "transcript": "[00:{m}:07] {who}: we agreed",
    "minutes": "13/03/2024, 09:{m} - Agenda: rope\n13/03/2024, 09:{m} - Decision: buy",
    "csv": "13/03/2024,09:{m},{who},hello: all",
    "changelog": "2024-03-13 - {who}: mend the crane",
    "diary": "13/03/2024, 09:{r} - Bo Ferry: fed him\n13/03/2024, 09:{r} - Ida Ferry: asleep",
    "every label once": "13/03/2024, 09:{m} - Rope {word}: 12 EUR",
}


def written(form: str) -> str:
    words = ("Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot")
    lines = (
        form.format(m=f"{11 + 7 * n}", r=f"{10 + 5 * n}", who=WHO[n], word=words[n])
        for n in range(6)
    )
    return "\n".join(lines) + "\n"


def found(path: Path, text: str, name: str = "team.txt") -> tuple[int, list[str]]:
    file = path / name
    file.write_text(text, encoding="utf-8")
    events = list(read(file))
    reasons = [event.reason for event in events if isinstance(event, NotRead)]
    return sum(isinstance(event, Item) for event in events), reasons


@pytest.mark.parametrize("form", CHATS.values(), ids=list(CHATS))
def test_it_is_read_by_its_lines(tmp_path: Path, form: str) -> None:
    assert found(tmp_path, written(form)) == (6, [])


@pytest.mark.parametrize("form", NO_CHATS.values(), ids=list(NO_CHATS))
def test_lines_that_others_write_are_no_chat(tmp_path: Path, form: str) -> None:
    count, reasons = found(tmp_path, written(form))
    assert (count, len(reasons)) == (0, 1)
    assert "JSON" not in reasons[0]


def test_what_runs_backwards_or_is_called_a_log_is_none(tmp_path: Path) -> None:
    lines = [f"{28 - n}/03/2024, 09:11 - {WHO[n]}: mend the crane" for n in range(6)]
    assert found(tmp_path, "\n".join(lines))[0] == 0
    assert found(tmp_path, "\n".join(reversed(lines)))[0] == 6
    assert found(tmp_path, "\n".join(reversed(lines)), "team.log")[0] == 0


def test_files_that_were_not_looked_for_are_said_so(tmp_path: Path) -> None:
    (tmp_path / "IMG-20240313-WA0001.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    text = written(CHATS["us android"]) + (
        "3/13/24, 9:58 AM - Bo: IMG-20240313-WA0001.jpg (file attached)\n"
    )
    (tmp_path / "team.txt").write_text(text, encoding="utf-8")
    posts = [event.data for event in read(tmp_path) if isinstance(event, Item)]
    assert b"not looked for" in posts[-1]
    assert b"it is not in the export" not in posts[-1]
