"""Which reader reads which format: a new format is a new file here and a line below."""

from __future__ import annotations

from riskscan.sources.archive import read_tar, read_zip
from riskscan.sources.checksums import read_checksums
from riskscan.sources.concordance import read_concordance
from riskscan.sources.edrm import read_edrm
from riskscan.sources.files import read_emlx, read_message
from riskscan.sources.google_chat import read_google_chat, read_group
from riskscan.sources.mbox import read_mbox
from riskscan.sources.msg import read_msg
from riskscan.sources.packed import reader_of
from riskscan.sources.pst import read_pst
from riskscan.sources.purview import read_purview_csv, read_purview_report, read_purview_xml
from riskscan.sources.reading import Reader
from riskscan.sources.reviewset import read_reviewset
from riskscan.sources.slack import read_day, read_list
from riskscan.sources.tabular import read_csv, read_jsonl
from riskscan.sources.teams import read_teams
from riskscan.sources.teamshtml import read_conversation, read_teams_html
from riskscan.sources.tnef import read_tnef
from riskscan.sources.vault import (
    read_vault_counts,
    read_vault_csv,
    read_vault_errors_csv,
    read_vault_errors_xml,
    read_vault_xml,
)
from riskscan.sources.whatsapp import read_chat

# Keys are what sniff.sniff tells.
READERS: dict[str, Reader] = {
    "mbox": read_mbox,
    "message": read_message,
    "emlx": read_emlx,
    "msg": read_msg,
    "tnef": read_tnef,
    "pst": read_pst,
    "gz": reader_of("gz"),
    "bz2": reader_of("bz2"),
    "xz": reader_of("xz"),
    "zip": read_zip,
    "tar": read_tar,
    "slack": read_day,
    "teams": read_teams,
    "teams-html": read_teams_html,
    "teams-conversation": read_conversation,
    "whatsapp": read_chat,
    "slack-list": read_list,
    "concordance": read_concordance,
    "edrm": read_edrm,
    "csv": read_csv,
    "jsonl": read_jsonl,
    "checksums": read_checksums,
    "google-chat": read_google_chat,
    "google-chat-members": read_group,
    "vault-csv": read_vault_csv,
    "vault-xml": read_vault_xml,
    "vault-counts": read_vault_counts,
    "vault-errors-csv": read_vault_errors_csv,
    "vault-errors-xml": read_vault_errors_xml,
    "purview-csv": read_purview_csv,
    "purview-load": read_reviewset,
    "purview-xml": read_purview_xml,
    "purview-report": read_purview_report,
}
