"""A tree of pages that each name one page 20 times had 20 entries to the power of its levels."""

from __future__ import annotations

import struct
from itertools import islice
from pathlib import Path

from pst_building import NODE_LEAF, NODE_TREE, crc, mailbox

from riskscan.sources.pst_nodes import Node, Nodes


def named_again(data: bytes, levels: int) -> bytes:
    """The file with more levels above its tree of nodes, each with one page below it, 20 times."""
    below = struct.unpack_from("<2Q", data, NODE_TREE - 8)
    first = data[below[1] : below[1] + 8]
    lowest = data[below[1] + 491]
    for level in range(lowest + 1, lowest + 1 + levels):
        body = (first + struct.pack("<2Q", *below)) * 20
        body = body.ljust(488, b"\0") + struct.pack("<BBBB4x", 20, 20, 24, level)
        number = 0x7000 + 4 * level
        page = body + struct.pack("<BBHLQ", NODE_LEAF, NODE_LEAF, 0, crc(body), number)
        below = (number, len(data))
        data += page
    return data[: NODE_TREE - 8] + struct.pack("<2Q", *below) + data[NODE_TREE + 8 :]


def listed(path: Path, data: bytes, most: int) -> list[tuple[int, Node]]:
    path.write_bytes(data)
    with path.open("rb") as file:
        return list(islice(Nodes(file).listed(), most))


def test_each_page_is_read_once(tmp_path: Path) -> None:
    data = mailbox()
    nodes = listed(tmp_path / "a.pst", data, 10_000)
    assert listed(tmp_path / "b.pst", named_again(data, 4), 10_000) == nodes
