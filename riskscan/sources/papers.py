"""What Google and Microsoft 365 put beside exported mail: told by name and first bytes.

Their lists of messages, and Vault's of errors, are read for what they claim (vault.py, purview.py,
checksums.py); the rest (settings, logs) are companions. A name alone never decides: the content
must be a table, XML or text of the kind, since mail may be called anything.
"""

from __future__ import annotations

import re

from riskscan.sources.digests import is_checksums
from riskscan.sources.lines import head_text
from riskscan.sources.names import Origin
from riskscan.sources.table import columns

_NAMED = re.compile(r"\.(csv|xml|md5|sha1|sha256|txt|log|html?|json)\Z", re.I)
_CHECKSUMS = re.compile(
    r"\.(md5|sha1|sha256)\Z|checksums?[^/]*\.(txt|csv)\Z|(md5|sha1|sha256)sums?(\.txt)?\Z", re.I
)
_VAULT = re.compile(
    r"-(metadata|(results?|accounts?|messages?)-counts?|(conversion[-_])?errors?"
    r"|account-exceptions|group-membership|drive-links|failed-group-membership-lookups"
    r"|incomplete-accounts|custodian-docid)\.(csv|xml)\Z",
    re.I,
)
_VAULT_METADATA = re.compile(r"-metadata\.csv\Z", re.I)
_VAULT_COUNTS = re.compile(r"-counts?\.csv\Z", re.I)
_COUNTED = ("count", "messages", "results")
_EDRM = re.compile(rb"<(?:\w{1,40}:)?Root[\s>]")
_VAULT_ERRORS = re.compile(
    r"-((conversion[-_])?errors?|account-exceptions|failed-group-membership-lookups|incomplete-accounts)\.",
    re.I,
)
_ERROR_COLUMNS = frozenset({"error", "errors", "errormessage", "errordescription", "errortype"})
# Reports of Microsoft 365 that list no exported mail.
_PURVIEW = re.compile(
    r"(export[ _]summary|summary|settings|locations|statistics|(warnings[ _]and[ _])?errors?"
    r"|skipped[ _]items|unindexed[ _]items|partially[ _]indexed[ _]items|sources|trace"
    r"|export_?errors?|extended[ _]reports?)[^/]{0,60}\.(csv|txt|log)\Z",
    re.I,
)
_PURVIEW_COLUMNS = frozenset(
    {
        "errortype", "errortags", "errorproperties", "errormessage", "locationname", "itemidentity",
        "documentid", "targetpath", "compoundpath", "fileid", "exportname", "exportid", "casename",
        "searchname", "casid", "jobid", "processid", "processname", "searchquery", "locationtype",
    }
)  # fmt: skip
_SUMMARY = re.compile(r"export[ _]summary[^/]{0,60}\.txt\Z", re.I)
_TRACE = re.compile(r"\A(trace|export)[^/]{0,60}\.log\Z", re.I)
_TAKEOUT_SETTINGS = re.compile(
    r"(blocked addresses|filters|forwarding addresses|signatures|vacation responder|delegates"
    r"|display names?|message text|pop|imap)[^/]{0,40}\.json\Z",
    re.I,
)
# The folder of a Gmail account's settings, in the language of the account.
_SETTINGS_FOLDERS = frozenset(
    {
        "user settings", "nutzereinstellungen", "paramètres utilisateur",
        "configuración de usuario", "configuración del usuario", "ajustes de usuario",
        "impostazioni utente", "configurações do usuário", "definições do utilizador",
        "gebruikersinstellingen", "ustawienia użytkownika", "настройки пользователя",
        "налаштування користувача", "uživatelská nastavení", "nastavení uživatele",
        "felhasználói beállítások", "setările utilizatorului", "ρυθμίσεις χρήστη",
        "kullanıcı ayarları", "användarinställningar", "brugerindstillinger",
        "brukerinnstillinger", "käyttäjäasetukset", "ユーザー設定", "用户设置", "使用者設定",
        "사용자 설정", "إعدادات المستخدم", "הגדרות משתמש", "การตั้งค่าผู้ใช้", "cài đặt người dùng",
        "setelan pengguna", "pengaturan pengguna",
    }
)  # fmt: skip


def told(head: bytes, origin: Origin) -> tuple[str, str]:
    """Kind in the registry and, for kind "companion", what it is; ("", "") for any other file."""
    name = origin.name
    if _CHECKSUMS.search(name):
        return ("checksums", "") if is_checksums(head) else ("", "")
    if not _NAMED.search(name):
        return "", ""
    if name.casefold().endswith(".xml"):
        return _xml(head, name)
    if name.casefold().endswith(".csv"):
        return _csv(head, name)
    return _other(head, origin)


def _xml(head: bytes, name: str) -> tuple[str, str]:
    if not head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
        return "", ""
    if _VAULT.search(name):
        if _VAULT_ERRORS.search(name):
            return "vault-errors-xml", ""
        if _EDRM.search(_as_ascii(head)):
            return "vault-xml", ""
    if name.casefold() == "manifest.xml" and _EDRM.search(_as_ascii(head)):
        return "purview-xml", ""
    return "", ""


def _csv(head: bytes, name: str) -> tuple[str, str]:
    found = frozenset(columns(head)) - {""}
    if not found:
        return "", ""
    if _VAULT.search(name) and _VAULT_ERRORS.search(name) and len(found) > 1:
        return "vault-errors-csv", ""
    if "rfc822messageid" in found and found & {"driveurl", "driveitemid"}:
        return "companion", "Google Vault's list of linked Drive files"
    if "rfc822messageid" in found and _ERROR_COLUMNS & found:
        return "vault-errors-csv", ""
    if "rfc822messageid" in found and found & {"account", "gmailmessageid", "labels"}:
        return "vault-csv", ""
    if _VAULT_METADATA.search(name) and len(found) > 1:
        return "vault-csv", ""
    if {"accountstatus", "successcount"} <= found:
        return "vault-counts", ""
    if _VAULT.search(name) and len(found) > 1:
        if _VAULT_COUNTS.search(name) and any(c.endswith(_COUNTED) for c in found):
            return "vault-counts", ""
        return "companion", "Google Vault's list"
    if "exportnativepath" in found:
        return "purview-load", ""
    if _lists_purview(found) and not _PURVIEW.match(name):
        return "purview-csv", ""
    if _PURVIEW.match(name) and len(found) > 1 and found & _PURVIEW_COLUMNS:
        return "purview-report", ""
    if _PURVIEW.match(name) and (
        name.casefold().startswith("export summary") or found == {"name", "value"}
    ):
        return "purview-report", ""
    return "", ""


def _lists_purview(found: frozenset[str]) -> bool:
    """Whether columns are those of an item report of Microsoft 365."""
    return "targetpath" in found and bool(
        found & {"originalpath", "locationname", "itemidentity", "itemclass", "workload"}
    )


def _other(head: bytes, origin: Origin) -> tuple[str, str]:
    name = origin.name
    folded = name.casefold()
    inside = {f.casefold() for f in origin.folders}
    if folded == "archive_browser.html" and b"<" in head:
        return "companion", "the page that Google Takeout puts into its archives"
    if "takeout" in inside and inside & _SETTINGS_FOLDERS and folded.endswith(".json"):
        known = "user settings" not in inside or _TAKEOUT_SETTINGS.search(name)
        if known and _is_json(head):
            return "companion", "settings of a Gmail account"
    if folded.endswith(".json") and _is_json(head) and (chat := _chat(head, folded, inside))[0]:
        return chat
    if _SUMMARY.match(name) and _is_text(head):
        return "companion", "the summary of a Microsoft 365 export"
    if _TRACE.match(name) and _is_text(head):
        return "companion", "the log of a Microsoft 365 export"
    return "", ""


def _chat(head: bytes, name: str, inside: set[str]) -> tuple[str, str]:
    """What a file of a Google Chat is."""
    if name == "messages.json" and b'"messages"' in head[:200]:
        posts = b'"created_date"' in head and b'"creator"' in head
        return ("google-chat", "") if posts or "google chat" in inside else ("", "")
    if "google chat" not in inside:
        return "", ""
    if name == "group_info.json":
        return "google-chat-members", ""
    if name == "user_info.json":
        return "companion", "Google Chat's list of a user's rooms"
    return "", ""


def _is_json(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _is_text(head: bytes) -> bool:
    return "\0" not in head_text(head)


def _as_ascii(head: bytes) -> bytes:
    return head_text(head).encode("ascii", "replace")
