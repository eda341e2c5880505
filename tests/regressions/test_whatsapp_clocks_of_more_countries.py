"""Chats of phones set to Arabic, Persian, Greek, Bulgarian, Malay, Thai and such were not read."""

from __future__ import annotations

from datetime import datetime

import pytest

from riskscan.sources.whatsappline import sender, stamp

LATE = datetime(2024, 12, 31, 23, 59)
RLM = "\u200f"


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        (f"٣١{RLM}/١٢{RLM}/٢٠٢٤، ١١:٥٩ م - ", LATE),
        (f"[٣١{RLM}/١٢{RLM}/٢٠٢٤، ١١:٥٩:٠٠ م] ", LATE),
        (f"٣{RLM}/٢{RLM}/٢٠٢٥، ١٢:٠٥ ص - ", datetime(2025, 2, 3, 0, 5)),
        (f"۲۰۲۴/۱۲/۳۱,{RLM} ۲۳:۵۹ - ", LATE),
        ("31/12/24, 11:59\u202fμ.μ. - ", LATE),
        ("3/2/25, 12:05\u202fπ.μ. - ", datetime(2025, 2, 3, 0, 5)),
        ("31.12.24 г., 23:59 - ", LATE),
        ("[31/12/2024, 11:59:00 PTG] ", LATE),
        ("[03/02/2025, 12:05:00 PG] ", datetime(2025, 2, 3, 0, 5)),
        ("2024/12/31 晚上11:59 - ", LATE),
        ("2025/2/3 凌晨12:05 - ", datetime(2025, 2, 3, 0, 5)),
        ("2025/2/13 中午12:30 - ", datetime(2025, 2, 13, 12, 30)),
        ("2025/2/13 中午11:30 - ", datetime(2025, 2, 13, 11, 30)),
        ("2025/2/13 中午1:30 - ", datetime(2025, 2, 13, 13, 30)),
        ("31/12/2024 ÖS 11:59 - ", LATE),
        ("31/12/2024, 11:59 CH - ", LATE),
        ("2024. 12. 31. du. 11:59 - ", LATE),
        ("31/12/2567 23:59 - ", LATE),  # Thai years
        ("31/12/24, 11:59 a.\xa0m. - ", datetime(2024, 12, 31, 11, 59)),
        ("31/12/24, 23:59 PM - ", LATE),
    ],
)
def test_it_is_read(line: str, moment: datetime) -> None:
    found = stamp(f"{line}Noor: on the quay: now")
    assert found is not None
    assert found.moment(day_first=True) == moment
    assert sender(f"{line}Noor: on the quay: now"[found.end :]) == ("Noor", "on the quay: now")


def test_a_year_of_another_calendar_is_no_year_of_ours() -> None:
    found = stamp("1403/10/11, 23:59 - Noor: on the quay")
    assert found is not None
    assert found.moment(day_first=True) is None


@pytest.mark.parametrize("line", ["31/12/24, 11:59 XM - Noor: hm", "31/12/24, 晚上 - Noor: hm"])
def test_what_is_no_clock_is_no_stamp(line: str) -> None:
    assert stamp(line) is None
