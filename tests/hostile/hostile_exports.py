"""Hostile exports: archives that unpack to too much, that lie, that climb; mboxes that mislead."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping

from hostile_mail import HEAD

Maker = Callable[[int], bytes]

FROM_LINE = b"From nora@quayside.example Tue Mar  5 08:00:00 2024\n"
ZEROS = bytes(1 << 20)


def message(number: int = 1, text: bytes = b"The crates arrive.\n") -> bytes:
    return HEAD.replace(b"<1@", b"<%d@" % number) + b"\n" + text


def mbox(*messages: bytes) -> bytes:
    return b"".join(FROM_LINE + one + b"\n" for one in messages)


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def tarred(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def zip_bomb(megabytes: int) -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("bomb.mbox", "w") as inner,
    ):
        inner.write(mbox(message()))
        for _ in range(megabytes):
            inner.write(ZEROS)
    return file.getvalue()


def overlapping_zip(count: int) -> bytes:
    """Many entries of the directory that are all one member (as in Fifield's bombs)."""
    whole = zipped({"a.mbox": mbox(message(1, b"x" * 100_000))})
    end = whole.rindex(b"PK\x05\x06")
    directory = whole[whole.index(b"PK\x01\x02") : end]
    fields = list(struct.unpack("<4s4H2LH", whole[end : end + 22]))
    fields[3] = fields[4] = count
    fields[5] = len(directory) * count
    return (
        whole[: whole.index(b"PK\x01\x02")] + directory * count + struct.pack("<4s4H2LH", *fields)
    )


def lying_zip(local: int, central: int) -> bytes:
    """A stored member whose sizes in its own header and in the directory are lies."""
    data = bytearray(zipped({"a.mbox": mbox(message())}, zipfile.ZIP_STORED))
    struct.pack_into("<LL", data, 18, local, local)
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<LL", data, at + 20, central, central)
    return bytes(data)


def nested(depth: int, wrap: Callable[[bytes], bytes]) -> bytes:
    data = mbox(message())
    for _ in range(depth):
        data = wrap(data)
    return data


def lengths(length: str) -> bytes:
    """An mbox whose messages lie of their length."""
    headers = HEAD + f"Content-Length: {length}\n\n".encode()
    return (FROM_LINE + headers + b"One.\n\n") * 20


def pax(records: bytes) -> bytes:
    """A tar with an extended header of these records before its member."""
    return tarred((member("pax", tarfile.XHDTYPE), records), (member("a.mbox"), mbox(message())))


# The name of each says what it is as a file; each is read as an export by itself.
EXPORTS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zip bomb": ("a.zip", lambda: zip_bomb(150)),
    "overlapping members": ("a.zip", lambda: overlapping_zip(20_000)),
    "gz bomb": ("a.mbox.gz", lambda: gzip.compress(mbox(message()) + ZEROS * 150)),
    "bz2 bomb": ("a.mbox.bz2", lambda: bz2.compress(mbox(message()) + ZEROS * 120)),
    "xz bomb": ("a.mbox.xz", lambda: lzma.compress(mbox(message()) + ZEROS * 120, preset=0)),
    "gz of line ends": ("a.gz", lambda: gzip.compress(b"\n" * (120 << 20))),
    "gz of From lines": ("a.gz", lambda: gzip.compress(FROM_LINE * 200_000)),
    "gz in gz in gz": ("a.gz", lambda: nested(30, gzip.compress)),
    "zip in zip in zip": ("a.zip", lambda: nested(30, lambda d: zipped({"a.zip": d}))),
    "tar in gz in tar": (
        "a.tar.gz",
        lambda: nested(20, lambda d: gzip.compress(tarred((member("a.tar.gz"), d)))),
    ),
    "many members": ("a.zip", lambda: zipped({f"{i}.x": b"" for i in range(30_000)})),
    "one name for all": (
        "a.tar",
        lambda: tarred(*[(member("a.eml"), message(i)) for i in range(500)]),
    ),
    "sizes too small": ("a.zip", lambda: lying_zip(5, 5)),
    "sizes too large": ("a.zip", lambda: lying_zip(0xFFFFFFF0, 0xFFFFFFF0)),
    "sizes that differ": ("a.zip", lambda: lying_zip(5, 100)),
    "directory of lies": ("a.zip", lambda: zipped({"a": b"x"})[:-6] + b"\xff" * 6),
    "climbing names": (
        "a.zip",
        lambda: zipped(
            {
                n: message(i)
                for i, n in enumerate(
                    (
                        "../../up.eml",
                        "/etc/root.eml",
                        "C:\\x.eml",
                        "..\\..\\y.eml",
                        "a\0b.eml",
                        "x/" * 5000 + "z.eml",
                    )
                )
            }
        ),
    ),
    "links in a tar": (
        "a.tar",
        lambda: tarred(
            (member("a", tarfile.SYMTYPE, "/etc/passwd"), b""),
            (member("a/b.eml"), message()),
            (member("loop", tarfile.SYMTYPE, "loop"), b""),
            (member("hard", tarfile.LNKTYPE, "../../x"), b""),
            (member("null", tarfile.CHRTYPE), b""),
            (member("pipe", tarfile.FIFOTYPE), b""),
        ),
    ),
    "pax of lies": (
        "a.tar",
        lambda: pax(b"99999999999999999999 size=5\n18446744073709551616 path=x\n"),
    ),
    "pax size of lies": ("a.tar", lambda: pax(b"25 size=999999999999999\n")),
    "pax flood": ("a.tar", lambda: pax(b"6 a=b\n" * 150_000)),
    "cut tar": ("a.tar", lambda: tarred((member("a.mbox"), mbox(message())))[:700]),
    "cut gz": ("a.mbox.gz", lambda: gzip.compress(mbox(*map(message, range(500))))[:-500]),
    "cut zip": ("a.zip", lambda: zipped({"a.mbox": mbox(*map(message, range(500)))})[:-90]),
    "length too long": ("a.mbox", lambda: lengths("999999999999999")),
    "length of nothing": ("a.mbox", lambda: lengths("0")),
    "length of one": ("a.mbox", lambda: lengths("1")),
    "length of many digits": ("a.mbox", lambda: lengths("9" * 5000)),
    "negative length": ("a.mbox", lambda: lengths("-5")),
    "From lines only": ("a.mbox", lambda: FROM_LINE * 20_000),
    "From lines in a body": ("a.mbox", lambda: mbox(message(1, b"\nFrom here\n" * 50_000))),
    "quoted From lines": ("a.mbox", lambda: mbox(message(1, b">" * 500_000 + b"From x\n"))),
    "many quoted From lines": ("a.mbox", lambda: mbox(message(1, b">>>From x\n" * 50_000))),
    "no line end": ("a.mbox", lambda: FROM_LINE + HEAD + b"\n" + b"x" * (30 << 20)),
    "NULs": ("a.mbox", lambda: bytes(1 << 20)),
    "NULs in an mbox": ("a.mbox", lambda: mbox(message(1, bytes(100_000)), message(2))),
    "returns": ("a.mbox", lambda: mbox(message(), message(2)).replace(b"\n", b"\r")),
    "mixed line ends": (
        "a.mbox",
        lambda: mbox(*[message(i, b"a\rb\r\nc\n\r" * 50) for i in range(50)]),
    ),
    "nothing": ("a.mbox", lambda: b""),
    "empty zip": ("a.zip", lambda: zipped({})),
    "zip in a picture": ("a.jpg", lambda: b"\xff\xd8\xff\xe0" + zipped({"a.eml": message()})),
}
