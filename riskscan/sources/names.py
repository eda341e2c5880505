"""Where a message lies, and what the names on the way say: source, custodian, mail folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

GENERIC = frozenset(
    {
        "inbox", "sent", "sent items", "sent mail", "sent messages", "drafts", "outbox", "trash",
        "deleted items", "junk", "spam", "archive", "mail", "maildir", "mbox", "eml", "tree",
        "export", "exports", "messages", "cur", "new", "tmp", "takeout", "all mail",
        "all mail including spam and trash", "all documents", "folders", "users", "data",
        "exchange", "nativefiles", "top of information store",
    }
)  # fmt: skip
# Generic names that name a mail folder, and not merely a way of keeping mail.
_MAIL_FOLDERS = GENERIC - frozenset(
    {
        "mail", "maildir", "mbox", "eml", "tree", "export", "exports", "messages", "cur", "new",
        "tmp", "takeout", "folders", "users", "data", "exchange", "nativefiles",
        "top of information store",
    }
)  # fmt: skip
_EXTENSION = re.compile(
    r"\.(mbox|mbx|mboxrd|mboxo|mboxcl2?|gz|tgz|tbz2?|txz|zip|emlx?|msg|tar|bz2|xz|pst|ost|sbd)\Z",
    re.I,
)
# What Outlook calls its files, whosever they are.
_PST_NAMES = frozenset({"outlook", "backup", "personal folders", "outlook data file"})
# What Google calls its archives, and the mboxes inside Vault's: NAME-ACCOUNT-RANDOM.mbox.
_TAKEOUT = re.compile(r"takeout-\d{8}t\d{6}z(-\d{1,4}){0,3}\Z")
_VAULT_PART = re.compile(r"(.{1,300})-\d{1,6}\Z")
_VAULT_RANDOM = re.compile(r"(.{1,600}@[a-z0-9.-]{1,255}\.[a-z0-9]{2,63})-[a-z0-9_]{4,64}\Z", re.I)
# Microsoft 365's names: "ada@ferry.example (Primary)", "ada@ferry.example.001.pst".
_MAILBOX = re.compile(r"([^\s@]{1,200}@[^\s@]{1,255}?)(?: \((?:primary|archive)\)|\.\d{3})\Z", re.I)
# Maildir file names: "time.unique.host" with or without ":2,FLAGS" (other marks off POSIX).
_MAILDIR_NAME = re.compile(r"\d{6,}\.[^/]+\Z|[^/]*[:;!_-]2,[A-Za-z]*\Z")


def shown(name: str) -> str:
    """A file name as text that can be stored: undecodable bytes and controls as escapes."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def stem(name: str) -> str:
    """A name without its known extensions: ``okafor-n.mbox.gz`` gives ``okafor-n``."""
    while (shorter := _EXTENSION.sub("", name)) and shorter != name:
        name = shorter
    return name


def _mailbox(name: str) -> str:
    """A name without its known extensions and what Microsoft 365 puts after an address."""
    own = stem(name)
    found = _MAILBOX.match(own)
    return found[1] if found else own


def is_generic(name: str) -> bool:
    """Whether a name (extensions dropped; or just dots) says nothing of whose mail it is."""
    folded = _folded(stem(name))
    return not name.strip(".") or folded in GENERIC or _TAKEOUT.match(folded) is not None


def _folded(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())


@dataclass(slots=True, frozen=True)
class Container:
    """An export folder or an archive, and the folders inside it down to a file."""

    name: str
    folders: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Origin:
    """Where a file lies: the containers around it from the outside in, and its own name.

    For an export that is a file the outermost container has no name; ``above`` are then (and
    always) the folders above the export, nearest first. ``maildir`` says that the last folder
    is known to be the ``cur`` or ``new`` of a Maildir.
    """

    containers: tuple[Container, ...]
    name: str
    above: tuple[str, ...] = ()
    maildir: bool = False

    def member(self, path: str) -> Origin:
        """The origin of the member ``path`` of the archive at this origin.

        Absolute and climbing paths are only names: empty parts, ``.`` and ``..`` are kept as
        text where they matter (``..``), and nothing is opened by them.
        """
        parts = [shown(p) for p in path.replace("\\", "/").split("/") if p not in ("", ".")]
        *folders, name = parts or ["(no name)"]
        inner = Container(self.name, tuple(folders))
        return replace(self, containers=(*self.containers, inner), name=name, maildir=False)

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders inside the innermost container."""
        return self.containers[-1].folders

    @property
    def folder_source(self) -> str:
        """The source string of the folder that holds the file."""
        text = ""
        for i, container in enumerate(self.containers):
            parts = [p for p in (container.name, *container.folders) if p]
            if i == 0:
                text = "/".join(parts)
                continue
            text = f"{text}/{parts[0]}" if text and not text.endswith("!/") else text + parts[0]
            text += "!/" + "/".join(parts[1:])
        return text

    @property
    def source(self) -> str:
        """The source string of the file itself."""
        folder = self.folder_source
        return f"{folder}{'' if not folder or folder.endswith('!/') else '/'}{self.name}"

    def beside(self, path: str) -> str:
        """The source string of what lies at ``path``, as seen from the folder that holds the file.

        Backslashes are slashes; empty parts and ``.`` are left out, ``..`` is kept as a name.
        """
        parts = [shown(p) for p in path.replace("\\", "/").split("/") if p not in ("", ".")]
        folder = self.folder_source
        between = "/" if folder and parts and not folder.endswith("!/") else ""
        return f"{folder}{between}{'/'.join(parts)}"

    @property
    def in_maildir(self) -> bool:
        """Whether the file is a message of a Maildir (its place, not its content)."""
        return self._under("cur", "new") and (self.maildir or self.has_maildir_name)

    @property
    def in_teams(self) -> bool:
        """Whether the file lies in the folder in which Exchange keeps a mailbox's Teams posts."""
        return any(f.casefold() == "teamsmessagesdata" for f in self.folders)

    @property
    def in_maildir_tmp(self) -> bool:
        """Whether the file lies in a Maildir's ``tmp``: a delivery that was not finished."""
        return self._under("tmp") and self.has_maildir_name

    @property
    def has_maildir_name(self) -> bool:
        """Whether the file's name is made as Maildir names are."""
        return _MAILDIR_NAME.match(self.name) is not None

    def _under(self, *names: str) -> bool:
        return bool(self.folders) and self.folders[-1] in names

    def _nearest(self, drop: int = 0) -> Iterator[str]:
        """Names from the inside out: folders (without the ``drop`` last), archives, export."""
        for i, container in enumerate(reversed(self.containers)):
            folders = (
                container.folders[: len(container.folders) - drop]
                if i == 0
                else (container.folders)
            )
            yield from reversed(folders)
            if container.name:
                yield container.name
        yield from self.above


def _first_specific(names: Iterator[str]) -> str:
    return next((stem(n) for n in names if n and not is_generic(n)), "")


def mbox_names(origin: Origin) -> tuple[str, str]:
    """Custodian and folder of an mbox: its stem, or the nearest parent that is not generic.

    Thunderbird's ``Inbox.sbd/Work`` is the folder Inbox/Work of whatever lies above it.
    """
    own = stem(origin.name)
    folders = origin.folders
    nested = next((i for i, f in enumerate(folders) if f.casefold().endswith(".sbd")), None)
    if nested is not None:
        path = "/".join(stem(f) for f in (*folders[nested:], origin.name))
        return _first_specific(origin._nearest(len(folders) - nested)) or own, path
    takeout = next((i for i, f in enumerate(folders) if f.casefold() == "takeout"), None)
    if takeout is not None:
        # One mbox a label, in a folder with a name in the user's language; or one a group.
        inside = folders[takeout + 1 :]
        folder = "/".join((*inside, own)) if len(inside) > 1 else own
        return _first_specific(origin._nearest(len(folders) - takeout)) or own, folder
    if account := _vault_account(origin, own):
        return account, ""
    if not is_generic(own):
        return own, ""
    folder = own
    if _folded(own) not in _MAIL_FOLDERS:
        # Apple Mail keeps "Sent Messages.mbox/mbox".
        last = folders[-1] if folders else ""
        folder = stem(last) if _folded(stem(last)) in _MAIL_FOLDERS else ""
    return _first_specific(origin._nearest()) or own, folder


def pst_custodian(origin: Origin) -> str:
    """Custodian of an Outlook data file: its stem, or the nearest parent that is not generic."""
    own = stem(origin.name)
    if account := _vault_account(origin, own):
        return account
    if _folded(own) not in _PST_NAMES and not is_generic(own):
        return _mailbox(own)
    return _first_specific(origin._nearest()) or own


def _vault_account(origin: Origin, own: str) -> str:
    """The account of an mbox or PST named as Google Vault does it, or "".

    Where the export's name ends and the account begins, the archive around it tells (NAME-1.zip),
    or the folder that it was unpacked into.
    """
    if (whole := _VAULT_RANDOM.match(own)) is None:
        return ""
    for name in origin._nearest():
        part = _VAULT_PART.match(stem(name))
        for export in (part[1] if part else "", stem(name)):
            if export and whole[1].startswith(f"{export}-"):
                return whole[1][len(export) + 1 :]
    return ""


def maildir_names(origin: Origin) -> tuple[str, str]:
    """Custodian and folder of a Maildir message: the Maildir's name, or the nearest that tells.

    Maildir++ keeps the subfolder Sub/Folder in ``.Sub.Folder`` beside the root's ``cur``.
    """
    root = origin.folders[-2] if len(origin.folders) > 1 else origin.containers[-1].name
    if root.startswith(".") and len(root) > 1:
        folder = "/".join(p for p in root.split(".") if p)
        return _first_specific(origin._nearest(2)) or stem(root), folder
    folder = root if _folded(root) in _MAIL_FOLDERS else "inbox"
    return _first_specific(origin._nearest(1)) or stem(root), folder


def tree_names(origin: Origin) -> tuple[str, str]:
    """Custodian and folder of a single message file.

    The custodian is the topmost telling folder below the innermost container, else that
    container's own name, else the same of the container around it, else a folder above. What
    lies inside a mail folder (Inbox/Personal) is a mail folder too, and names nobody.
    """
    for container in reversed(origin.containers):
        for i, folder in enumerate(container.folders):
            if _folded(folder) in _MAIL_FOLDERS - {"archive"}:
                break
            if not is_generic(folder):
                inside = (
                    container.folders[i + 1 :]
                    if container is origin.containers[-1]
                    else (origin.folders)
                )
                if inside and _folded(inside[0]) == "top of information store":
                    inside = inside[1:]
                return _mailbox(folder), "/".join(inside)
        if container.name and not is_generic(container.name):
            return stem(container.name), "/".join(origin.folders)
    named = next((c.name for c in origin.containers if c.name), origin.name)
    return _first_specific(iter(origin.above)) or stem(named), "/".join(origin.folders)
