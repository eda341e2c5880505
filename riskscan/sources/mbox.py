"""mbox: items out of what the splitter finds, and what of the file could not be read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from riskscan.sources.google import gmail
from riskscan.sources.item import Event, Item, LimitError, NotRead
from riskscan.sources.mozilla import folder_with_mark, state_of
from riskscan.sources.names import mbox_names
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.sniff import is_message, message_start
from riskscan.sources.splitter import open_mbox


def read_mbox(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield the messages of an mbox in order; raises LimitError after the last one."""
    source = blob.origin.source
    custodian, folder = mbox_names(blob.origin)
    splitter = open_mbox(blob.stream, reading.limits.message)
    variant = splitter.style.variant
    lead = splitter.lead
    if lead.strip(b"\xef\xbb\xbf \t\r\n") and not reading.passes():
        place = f"offset 0+{len(lead)}"
        if is_message(lead, 2):
            data = lead[message_start(lead) :]
            inside = folder_with_mark(folder, data)
            yield Item(
                source, variant, place, custodian, inside, data, state=state_of(inside)
            )  # fmt: skip
        else:
            reason = "these bytes before the first From_ line are no message"
            digest = hashlib.sha256(lead).hexdigest()
            yield NotRead(source, place, reason, len(lead), digest, lost=True)
    for extent in splitter.extents(reading.to_pass):
        if reading.passes():
            continue
        place = f"offset {extent.start}+{extent.length}"
        if extent.data is None:
            yield NotRead(source, place, extent.reason, extent.length, extent.sha256, lost=True)
        else:
            labels, thread = gmail(extent.data)
            inside = folder_with_mark(labels or folder, extent.data)
            yield Item(
                source, variant, place, custodian, inside, extent.data,
                conversation=thread, state=state_of(inside),
                from_line=extent.line.decode("latin-1"),
            )  # fmt: skip
    if splitter.error is not None:
        if not splitter.error_told:
            yield from reading.not_read(
                blob.origin, str(splitter.error), place=f"offset {splitter.offset}+0"
            )
        if isinstance(splitter.error, LimitError):
            raise splitter.error
