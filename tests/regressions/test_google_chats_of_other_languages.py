"""Google Chat: dates of other languages, deleted posts, files, cards and quotes were lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from chat_building import posts, threads, unpacked
from source_building import not_read, read, zipped

from riskscan.sources import NotRead
from riskscan.sources.googleclock import spoken_moment

ADA, BO = ({"name": n, "email": f"{n.lower()}@ferry.example"} for n in ("Ada", "Bo"))
NINE = datetime(2024, 7, 5, 9, 6, 7, tzinfo=UTC)
LATE = NINE.replace(hour=21)


def post(number: int, text: str = "", at: str = "", **more: object) -> dict[str, object]:
    at = at or f"Freitag, 5. Juli 2024 um 09:0{number}:00 UTC"
    own = {"creator": ADA, "created_date": at, "topic_id": f"t{number}"}
    return own | {"message_id": f"S/t{number}/{number}"} | ({"text": text} if text else {}) | more


ROOM = [
    post(1, "the berths"),
    post(2, message_state="DELETED", deletion_metadata={"deletion_type": "CREATOR"}),
    post(3, attached_files=[{"original_name": "plan.txt", "export_name": "File-plan.txt"}]),
    post(4, "no", quoted_message_metadata={"creator": BO, "text": "the berths", "message_id": "x"}),
    post(5, "see", annotations=[{"url_metadata": {"title": "Tides", "snippet": "high at nine"}}]),
    post(6, "card", cards=[{"header": {"title": "Approve?"}, "id": "c1"}]),
    post(7, "later", "Samstag, 6. Juli 2024 um 23:00:00 UTC", topic_id="t1"),
    post(8, "when", "am Sankt Nimmerleinstag"),
]
FILES = {
    "Takeout/Google Chat/Groups/Space A/messages.json": json.dumps({"messages": ROOM}).encode(),
    "Takeout/Google Chat/Groups/Space A/File-plan.txt": b"it is illegal",
    "Takeout/E-Mail/Nutzereinstellungen/Filter.json": b'{"filter": []}',
}


@pytest.mark.parametrize("packed", [True, False])
def test_what_a_room_holds(tmp_path: Path, packed: bool) -> None:
    if packed:
        (tmp_path / "t.zip").write_bytes(zipped(FILES))
    else:
        unpacked(tmp_path / "t", FILES)
    events = list(read(tmp_path / ("t.zip" if packed else "t")))
    found = posts(events)
    assert [p.body.strip() for p in found] == [
        "the berths",
        "",
        "> the berths\nno",
        "see\n> Tides\n> high at nine",
        "card\nApprove?",
        "later",
        "when",
    ]
    assert [(a.name, a.text) for p in found for a in p.attachments] == [
        ("plan.txt", "it is illegal")
    ]
    assert found[0].date == datetime(2024, 7, 5, 9, 1, tzinfo=UTC)
    assert (found[-1].date, found[-1].date_header) == (None, "am Sankt Nimmerleinstag")
    keys = threads(events)
    assert keys[5] == keys[0]  # of its topic, though a day later
    told = [e for e in events if isinstance(e, NotRead)]
    assert not not_read(tmp_path / ("t.zip" if packed else "t")) or not any(e.lost for e in told)
    assert (
        "a deleted post of Ada, 2024-07-05T09:02:00Z, deleted by: creator: its text is not in the "
        "export"
    ) in [e.reason for e in told]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("vendredi 5 juillet 2024 à 09:06:07 UTC", NINE),
        ("viernes, 5 de julio de 2024, 9:06:07 p. m. UTC", LATE),
        ("2024年7月5日金曜日 9時06分07秒 UTC", NINE),
        ("2024年7月5日星期五 UTC 下午9:06:07", LATE),
        ("2024년 7월 5일 금요일 오후 9시 6분 7초 UTC", LATE),
        ("пятница, 5 июля 2024 г. в 09:06:07 UTC", NINE),
        ("Thứ Sáu, 5 tháng 7, 2024 lúc 09:06:07 UTC", NINE),
        ("วันศุกร์ที่ 5 กรกฎาคม พ.ศ. 2567 เวลา 09 นาฬิกา 06 นาที 07 วินาที UTC", NINE),
        ("perjantai 5. heinäkuuta 2024 klo 9.06.07 UTC", NINE),
        ("Friday, July 5, 2024 at 9:06:07\u202fPM UTC", LATE),
        ("utorak, 5. listopada 2024. u 09:06:07 UTC", NINE.replace(month=10)),
        ("wtorek, 5 listopada 2024 09:06:07 UTC", NINE.replace(month=11)),
        ("Freitag, 35. Juli 2024 um 09:06:07 UTC", None),
    ],
)
def test_dates_of_many_languages(text: str, moment: datetime | None) -> None:
    assert spoken_moment(text) == moment
