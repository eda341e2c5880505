"""Load files of tools whose columns were not known lost natives, families, dates and people."""

from __future__ import annotations

from pathlib import Path

import pytest
from load_building import dat
from source_building import put, read

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead
from riskscan.sources.fields import Columns

MAIL = b"From: ada@quay.example\r\nTo: bo@quay.example\r\nSubject: crates\r\n\r\nsee the list\r\n"
# The fields of the tools' own export templates and of their documented field lists.
KNOWN = {
    "Nuix": "DOCID=id PARENT_DOCID=parent ATTACH_DOCID=children BEGINBATES=id BEGINGROUP=family "
    "ITEMPATH=native_path TEXTPATH=text_path Path_Name=folder MD5_Digest=md5 "
    "Communication_Date=date Item_Date=date SHA-1_Digest=sha1 SHA-256_Digest=sha256",
    "Relativity": "Control_Number=id Group_Identifier=family Attachment_Document_IDs=children "
    "Parent_Document_ID=parent Email_From=from From_(SMTP_Address)=from To_(SMTP_Address)=to "
    "CC_(SMTP_Address)=cc BCC_(SMTP_Address)=bcc Sent_Date/Time=date Primary_Date/Time=date "
    "Email_In_Reply_To_ID=in_reply_to Unified_Title=title Virtual_Path=folder FILE_PATH=file_path "
    "Extracted_Text=text Conversation_Family=conversation_index Bates_Beg_Attach=family "
    "Production::Begin_Bates=id Recipients_(CC)=cc Recipients_(BCC)=bcc Document_Subject=subject",
    "Concordance and EDRM": "BEGDOC#=id DOCID=id PARENTID=parent ATTACHMENTIDS=children "
    "FAMILYRANGE=range ATTACHRANGE=range FOLDERLABEL=folder HASHMD5=md5 HASHSHA=sha1 "
    "INTMSGID=message_id INREPLYTOID=in_reply_to DOCDATE=date DOCLINK=native_path "
    "TEXTLINK=text_path EAUTHOR=from ESUBJECT=subject DATERCVD=received STARTBATES=id "
    "STARTATTACH=family BATES_BEGIN=id CHILD_BATES=children ATTACH_BATES=children",
    "Ipro": "BEGDOC=id DOCKEY=id BEGATTACH=family ATTACHIDS=children PARENTID=parent "
    "NATIVEPATH=native_path EMAIL_FROM=from EMAIL_SUBJECT=subject MAILBOX_PATH=folder",
    "Everlaw": "Bates/Control_#=id Begin_Family=family Attachment_IDs=children "
    "Parent_ID=parent Custodian_List=custodians All_Custodians=custodians Original_Path=folder "
    "Native_Path=native_path Text_Path=text_path Message_ID=message_id",
    "Logikcull": "Beg_Bates=id Begin_Family=family Native_File_Link=native_path "
    "Text_File_Link=text_path Custodian/Person=custodian Email_Date_Sent=date "
    "Email_Time_Sent=time Email_Received_Date=received Email_Received_Time=received_time "
    "File_Title=title File_Author=from File_Subject=subject File_Modified_Date=modified",
    "DISCO": "Begbates=id Begattach=family Starting_Bates=id Starting_Bates_of_family=family "
    "Bates_range_of_family=range AttachmentBatesRange=range Email_sender_(From)=from "
    "Bcc_recipients=bcc Cc_recipients=cc Email_sent_date=date Email_sent_time=time "
    "Email_received_time=received_time Email_in-reply-to_ID=in_reply_to "
    "EmailPrConversationIndex=conversation_index OCR_path=text_path Dup_custodian=custodians",
    "Reveal": "FILEID=id TVFILEID=id TVPARENTID=parent TVFAMILYID=family FILEIDCHILDLIST=children "
    "BegDoc_Attach=family TO_ADDRESSES=to CC_ADDRESSES=cc BCC_ADDRESSES=bcc SHA_HASH=sha1 "
    "NATIVE_FILE=native_path TEXT_FILE=text_path",
    "LAW": "DocID=id BegAttach=family AttachRange=range EDFolder=folder DateRcvd=received "
    "SentOn_Date=date SentOn_Time=time ReceivedOn_Date=received ReceivedOn_Time=received_time "
    "DateLastMod=modified TimeZoneProc=zone OCRPath=text_path InternetMsgID=message_id",
    "Venio": "BEG_CONTROL_NUMBER=id CONTROL_NUMBER_BEGIN=id INTERNAL_FILE_ID=id FILE_ID=id "
    "PARENT_FILE_ID=parent CHILD_FILE_IDS=children FULLTEXT_FILE_PATH=text_path "
    "ORIGINAL_FILE_PATH=folder EMAIL_SENT_DATE=date",
    "GoldFynch": "BEGBATES=id BEGATTACH=family NATIVELINK=native_path TEXTLINK=text_path "
    "SENTDATE=date SENTTIME=time",
    "Intella": "ITEM_ID=id BATES_BEG=id PARENT_DOCUMENT=parent CHILD_DOCUMENTS=children "
    "SENDER=from RECEIVER=to ALL_RECEIVERS=to NATIVE_FILE=native_path EXTRACTED_TEXT=text",
    "X1": "DOCID=id MailTo=to MailCC=cc Date_Sent=date Body=text NATIVEPATH=native_path",
    "Digital WarRoom": "BegDoc=id ParentID=parent AttachIDs=children EmailSubject=subject "
    "SortDate=date NativeLink=native_path TextLink=text_path",
    "Purview": "File_ID=id Family_ID=family Parent_ID=parent Email_sender=from Sender/Author=from "
    "Email_date_sent=date Subject/Title=subject Native_path=native_path Compound_path=folder "
    "Internet_message_ID=message_id Extracted_text_path=text_path Native_SHA-256=sha256",
}


@pytest.mark.parametrize(
    ("tool", "header", "field"),
    [
        (tool, *(part.replace("_", " ") for part in pair.rsplit("=", 1)))
        for tool, pairs in KNOWN.items()
        for pair in pairs.split()
    ],
)
def test_a_tools_column_is_known(tool: str, header: str, field: str) -> None:
    assert Columns([header]).fields == {field}, tool


def test_ends_of_ranges_are_not_told_as_unread() -> None:
    ends = ["ENDGROUP", "Bates End", "Bates End Attach", "Ending Bates", "CONTROL_NUMBER_END"]
    assert Columns(["DOCID", *ends]).unknown == []


def test_a_load_file_of_nuix_gives_each_mail_once(tmp_path: Path) -> None:
    header = ["DOCID", "PARENT_DOCID", "ATTACH_DOCID", "BEGINBATES", "ENDBATES", "BEGINGROUP",
              "ENDGROUP", "PAGECOUNT", "ITEMPATH", "TEXTPATH"]  # fmt: skip
    rows = [
        ["D-1", "", "D-2", "D-1", "D-1", "D-1", "D-2", "1", "NATIVE\\001\\D-1.eml", ""],
        ["D-2", "D-1", "", "D-2", "D-2", "D-1", "D-2", "1", "NATIVE\\001\\D-2.txt", ""],
        ["D-3", "", "", "D-3", "D-3", "", "", "1", "NATIVE\\001\\D-3.eml", ""],
    ]
    inner = b"Content-Disposition: attachment; filename=list.txt\r\n\r\nthree crates\r\n"
    head = MAIL.partition(b"\r\n\r\n")[0]
    mixed = b'\r\nContent-Type: multipart/mixed; boundary="b"\r\n'
    parts = b"\r\n--b\r\n\r\nsee the list\r\n--b\r\n" + inner + b"--b--\r\n"
    put(tmp_path / "box/NATIVE/001/D-1.eml", head + mixed + parts)
    put(tmp_path / "box/NATIVE/001/D-2.txt", b"three crates")
    put(tmp_path / "box/NATIVE/001/D-3.eml", MAIL)
    put(tmp_path / "box/loadfile.dat", dat([header, *rows]).encode())
    found = read(tmp_path / "box")
    places = [e.place for e in found if isinstance(e, Item)]
    assert places == [
        "rows 1-2 (D-1) NATIVE\\001\\D-1.eml", "row 3 (D-3) NATIVE\\001\\D-3.eml",
    ]  # fmt: skip
    assert not [e for e in found if isinstance(e, NotRead)]


@pytest.mark.parametrize("column", ["GROUP IDENTIFIER", "BEGATTACH"])
def test_a_family_is_told_by_either_number_of_a_document(tmp_path: Path, column: str) -> None:
    header = ["CONTROL NUMBER", "BEGBATES", column, "FROM", "SUBJECT", "TEXT"]
    first = "REL1" if column == "GROUP IDENTIFIER" else "A1"
    rows = [
        ["REL1", "A1", first, "ada@quay.example", "crates", "see the list"],
        ["REL2", "A4", first, "", "list.txt", "three crates"],
    ]
    (item,) = read(put(tmp_path / "v.dat", dat([header, *rows]).encode()))
    assert isinstance(item, Item) and item.place.startswith("rows 1-2")
    assert [a.text.strip() for a in parse_message(item.data).attachments] == ["three crates"]


def test_a_parent_of_other_numbers_leaves_the_family_to_its_range(tmp_path: Path) -> None:
    header = ["DOCID", "PARENTID", "ATTACHRANGE", "FROM", "SUBJECT", "TEXT"]
    rows = [
        ["A1", "", "A1-A2", "ada@quay.example", "crates", "see the list"],
        ["A2", "77123", "A1-A2", "", "list.txt", "three crates"],
    ]
    (item,) = read(put(tmp_path / "v.dat", dat([header, *rows]).encode()))
    assert isinstance(item, Item) and item.place.startswith("rows 1-2")
