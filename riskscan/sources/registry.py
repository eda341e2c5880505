"""Which reader reads which format: a new format is a new file here and a line below."""

from __future__ import annotations

from riskscan.sources.archive import read_tar, read_zip
from riskscan.sources.files import read_emlx, read_message
from riskscan.sources.mbox import read_mbox
from riskscan.sources.packed import reader_of
from riskscan.sources.reading import Reader

# Keys are what sniff.sniff tells.
READERS: dict[str, Reader] = {
    "mbox": read_mbox,
    "message": read_message,
    "emlx": read_emlx,
    "gz": reader_of("gz"),
    "bz2": reader_of("bz2"),
    "xz": reader_of("xz"),
    "zip": read_zip,
    "tar": read_tar,
}
