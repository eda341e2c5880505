"""Files beside a WhatsApp chat were the posts' in seven languages only; marks of edits stayed."""

from __future__ import annotations

from pathlib import Path

import pytest
from chat_building import posts
from source_building import put, read, zipped

FILE = "IMG-20240213-WA0001.jpg"


def attached(tmp_path: Path, *lines: str, name: str = FILE) -> list[list[str]]:
    chat = "\r\n".join(f"13/03/2024, 09:0{n} - {line}" for n, line in enumerate(lines, 1))
    files = {"WhatsApp Chat with Crew.txt": chat.encode(), name: b"jpeg"}
    events = read(put(tmp_path / "WhatsApp Chat with Crew.zip", zipped(files)))
    return [[a.name for a in post.attachments] for post in posts(events)]


@pytest.mark.parametrize(
    "said",
    [
        f"{FILE} (файл добавлен)",
        f"\u200e{FILE} (添付ファイル)",
        f"\u200f{FILE} (הקובץ מצורף)\r\nlook",
        f"{FILE} (dosya ekli)",
        f"{FILE}\xa0（文件附件）",
        f"{FILE} <\u200eattached>",
        f"\u200e<添付: {FILE}>",
        f"\u200e<附件：{FILE}>",
        f"plan.pdf • \u200e3 pages \u200e<vedlagt: {FILE}>",
        f"our plan \u200e<الملف المرفق: {FILE}>",
    ],
)
def test_a_file_that_a_post_names_is_its_attachment(tmp_path: Path, said: str) -> None:
    # The only post of its author: whoever sends a file says something.
    assert attached(tmp_path, "Ana: hello", f"Bo: {said}") == [[], [FILE]]


def test_a_post_that_speaks_of_a_file_has_none(tmp_path: Path) -> None:
    said = f"Ana: {FILE} (the old one) is wrong", f"Bo: {FILE}", f"Bo: see {FILE} (файл добавлен)"
    assert attached(tmp_path, *said) == [[], [], []]


def test_a_name_with_brackets_is_found(tmp_path: Path) -> None:
    name = "plan (2).pdf"
    assert attached(tmp_path, f"Ana: {name} (файл добавлен)", name=name) == [[name]]


@pytest.mark.parametrize(
    "mark",
    [" <Diese Nachricht wurde bearbeitet.>", " \u200e<Это сообщение изменено>",
     "\u200e<このメッセージは編集されました>"],
)  # fmt: skip
def test_the_mark_of_an_edit_is_no_text(tmp_path: Path, mark: str) -> None:
    chat = f"13/03/2024, 09:01 - Ana: burn <it>{mark}\r\n13/03/2024, 09:02 - Bo: \u200e<no media>"
    first, second = posts(read(put(tmp_path / "WhatsApp Chat with Bo.txt", chat.encode())))
    assert (first.body, second.body) == ("burn <it>", "<no media>")
