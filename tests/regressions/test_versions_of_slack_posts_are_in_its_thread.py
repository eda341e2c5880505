"""An earlier or deleted version of a Slack post that has replies was not in the post's thread."""

from __future__ import annotations

from pathlib import Path

import pytest
from chat_building import ANA, BO, said, slack_files, threads
from source_building import put, read, zipped

ROOT = "1709370000.000100"


@pytest.mark.parametrize("deleted", [False, True])
def test_a_version_that_says_no_thread_is_in_that_of_the_last(
    tmp_path: Path, deleted: bool
) -> None:
    last = said("date it", ROOT, thread_ts=ROOT, edited={"user": ANA, "ts": "1709370090.000000"})
    if deleted:
        last = said("This message was deleted.", ROOT, subtype="tombstone", thread_ts=ROOT)
    change = {"type": "message", "subtype": "message_changed", "ts": "1709370090.000200",
              "previous_message": said("backdate it", ROOT), "message": last}  # fmt: skip
    reply = said("no", "1709370060.000100", BO, thread_ts=ROOT)
    days = {"general/2024-03-02": [change, reply, said("lunch", "1709370070.000100")]}
    *thread, other = threads(read(put(tmp_path / "ferry.zip", zipped(slack_files(days)))))
    assert len(thread) == (2 if deleted else 3)
    assert len(set(thread)) == 1
    assert other not in thread
