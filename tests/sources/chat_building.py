"""Builders for invented chat exports: Slack, Teams and WhatsApp as these programs write them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from riskscan.mail.message import Message
from riskscan.mail.post import parse_post
from riskscan.mail.thread import ThreadHeader, thread_ids
from riskscan.sources import Event, Item

ANA, BO, CY = "U01ANAANA", "U02BOBOBO", "U03CYCYCY"
USERS = [
    {"id": ANA, "name": "ana", "profile": {"real_name": "Ana Lima", "email": "ana@ferry.example"}},
    {"id": BO, "name": "bo", "deleted": True, "profile": {"real_name": "Bo Ek"}},
    {"id": CY, "name": "cy", "real_name": "Cy Moor", "profile": {}},
]
GENERAL = {"id": "C01GENERAL", "name": "general", "members": [ANA, BO, CY]}
ANA_AT_TEAMS = {"user": {"id": "aa-1", "displayName": "Ana Lima"}}
DM = {"id": "D01ANABOX", "members": [ANA, BO]}


def said(text: str, ts: str = "1709370000.000100", user: str = ANA, **more: Any) -> dict[str, Any]:
    """One Slack post."""
    return {"type": "message", "user": user, "text": text, "ts": ts} | more


def slack_files(
    days: Mapping[str, list[Any] | bytes], lists: Mapping[str, Any] | None = None
) -> dict[str, bytes]:
    """The files of a Slack export: days by "channel/date", and its lists."""
    files: dict[str, Any] = {"users.json": USERS, "channels.json": [GENERAL], "dms.json": [DM]}
    files |= dict(lists or {}) | {f"{name}.json": posts for name, posts in days.items()}
    return {n: v if isinstance(v, bytes) else json.dumps(v).encode() for n, v in files.items()}


def unpacked(place: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder."""
    for name, data in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return place


def graph(
    text: str, at: str = "2024-03-02T09:00:00.5Z", sender: Any = ANA_AT_TEAMS, **more: Any
) -> dict[str, Any]:
    """One chatMessage of Microsoft Graph."""
    return {
        "id": "1709370000500",
        "replyToId": None,
        "messageType": "message",
        "createdDateTime": at,
        "chatId": "19:ferry@thread.v2",
        "from": sender,
        "body": {"contentType": "html", "content": text},
        "attachments": [],
    } | more


def items(events: Iterable[Event]) -> list[Item]:
    """The items among events."""
    return [e for e in events if isinstance(e, Item)]


def posts(events: Iterable[Event]) -> list[Message]:
    """The posts among events, parsed as a scan parses them."""
    return [parse_post(item.data) for item in items(events)]


def texts(events: Iterable[Event]) -> list[str]:
    """The texts of the posts."""
    return [post.body.strip() for post in posts(events)]


def threads(events: Iterable[Event]) -> list[str]:
    """The thread of each post, as a case that holds these and no others has them."""
    headers = []
    for key, item in enumerate(items(events)):
        post = parse_post(item.data)
        people = [*([post.sender] if post.sender else []), *post.to]
        headers.append(
            ThreadHeader(
                key,
                post.message_id,
                post.references,
                post.in_reply_to,
                date=post.date,
                participants={one.address for one in people},
                conversation=item.conversation,
            )
        )
    return list(thread_ids(headers).values())
