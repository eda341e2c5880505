"""Dates of Google Takeout in an account's language: ``Freitag, 5. Juli 2024 um 09:06:07 UTC``.

Takeout writes them as Unicode CLDR's full date with a long time: weekday, day, month by name, year,
clock and zone, in the order of the language. The weekday is not needed, the order neither: the
year has four digits, the clock has marks between its numbers, the month is a name or is marked.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from riskscan.sources.whatsappline import half_day

# Month names of CLDR (the form that stands in a date), January to December. Names that two
# languages use for different months are told apart below.
_NAMES = (
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jänner feber - - - - - - - - - -",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "- - - - - - - - setiembre - - -",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada "
    "grudnia",
    "ledna února března dubna května června července srpna září října listopadu prosince",
    "januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra",
    "január február március április május június július augusztus szeptember október november "
    "december",
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie "
    "decembrie",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "януари февруари март април май юни юли август септември октомври ноември декември",
    "јануар фебруар март април мај јун јул август септембар октобар новембар децембар",
    "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna - studenoga prosinca",
    "januar februar mart april maj jun jul avgust septembar oktobar novembar decembar",
    "januar februar marec april maj junij julij avgust september oktober november december",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "januar februar marts april maj juni juli august september oktober november december",
    "januar februar mars april mai juni juli august september oktober november desember",
    "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta "
    "syyskuuta lokakuuta marraskuuta joulukuuta",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου "
    "νοεμβρίου δεκεμβρίου",
    "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    "januari februari maret april mei juni juli agustus september oktober november desember",
    "januari februari mac april mei jun julai ogos september oktober november disember",
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",
    "בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר",
    "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
)
_MONTHS = {
    name: number
    for names in _NAMES
    for number, name in enumerate(names.casefold().split(), 1)
    if name != "-"
}
_OF_MONTH = re.compile(r"(?:(\d{1,2})\s?[月월])|(?:tháng (\d{1,2}))")
_CLOCK = re.compile(
    r"(\d{1,2})\s?(?:[:.時时시h]|นาฬิกา)\s?(\d{1,2})\s?(?:[:.分분]|นาที)\s?(\d{1,2})(?!\d)"
)
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")
_MAX = 200  # characters
_BUDDHIST = 543


def spoken_moment(text: str) -> datetime | None:
    """The moment of a date in words of any of many languages; None for what is none.

    Without a zone where the text names none.
    """
    if len(text) > _MAX or (clock := _CLOCK.search(text)) is None:
        return None
    around = text[: clock.start()] + " | " + text[clock.end() :]
    half = half_day(text[: clock.start()], text[clock.end() :])
    year, month = _YEAR.search(around), _month(around)
    if year is None or not month:
        return None
    rest = _OF_MONTH.sub(" ", around.replace(year[0], " ", 1))
    days = _DAY.findall(rest)
    hour = int(clock[1])
    if half is not None and hour <= 12:
        hour = hour % 12 + (12 if half else 0)
    if len(days) != 1:
        return None
    number = int(year[1])
    zone = UTC if re.search(r"\b(?:UTC|GMT)\b", text) else None
    try:
        return datetime(
            number - _BUDDHIST if number > 2400 else number, month, int(days[0]), hour,
            int(clock[2]), int(clock[3]), tzinfo=zone,
        )  # fmt: skip
    except ValueError:
        return None


def _month(text: str) -> int:
    if marked := _OF_MONTH.search(text.casefold()):
        return int(marked[1] or marked[2])
    words = [w.casefold() for w in text.replace("|", " ").split()]
    bare = [w.strip(".,،") for w in words]
    if "listopada" in bare and re.search(r"\d{4}\.", text):
        return 10  # Croatian, which ends a year with a dot; in Polish November
    found = {_MONTHS[w] for w in bare if w in _MONTHS}
    return found.pop() if len(found) == 1 else 0
