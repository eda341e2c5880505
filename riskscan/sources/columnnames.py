"""The names that vendors give to the columns of load files and tables, and what each means."""

from __future__ import annotations

# Field to the folded names (letters and digits, lower case) of columns that hold it, best first.
_NAMES: dict[str, str] = {
    "id": "docid begdoc begbates controlnumber begcontrol prodbegbates prodbeg begprod begno "
    "begdocno begdocument beginbates begindoc firstbates documentid docno docidbeg controlid "
    "controlno bates batesbeg begcontrolnumber "
    "batesnumber batesno begindocid itemid begbatesnumber batesbegin batesstart startbates "
    "startdoc startingbates beginningbates batescontrol controlnumberbegin dockey fileid "
    "internalfileid tvfileid",
    "parent": "parentid parentdocid parentdoc parent parentbates parentcontrolnumber "
    "parentdocumentid attparentid parentfileid parentdocument tvparentid",
    "range": "attachrange attrange attachmentrange attachrng familyrange attachbatesrange "
    "groupidentifierrange prodattachrange attachmentbatesrange batesrangeoffamily",
    "family": "begattach begattachment attachbeg attbeg begattachbates begattachno begfamily "
    "firstattach beginattachment begattdocno prodbegattach groupidentifier familyid groupid "
    "beginfamily begatt prodbegatt beginattach firstattachment familybeg begattachid begingroup "
    "beggroup familygroup batesbegattach startattach begdocattach startingbatesoffamily "
    "beginningbatesoffamily tvfamilyid",
    "children": "attachids attachmentids attachdocids childids attchids attachdocid "
    "attachmentdocumentids childdocumentids childdocuments childfileids fileidchildlist childbates "
    "attachbates attachmentbates",
    "custodian": "custodian custodianname primarycustodian custodians sourcecustodian "
    "custodianperson",
    "custodians": "allcustodians allcustodian allcustodiannames custodianall dupcustodians "
    "dupcustodian duplicatecustodians duplicatecustodian dedupedcustodians dedupedcustodian "
    "othercustodians custodianlist",
    "from": "from emailfrom sender fromaddress emailsender senderaddress sentby author "
    "emailauthor authors senderorcreatedby "
    "authorsender fromauthor mailfrom docauthors docauthor senderauthor displayfrom "
    "fromsmtpaddress emailsenderfrom fileauthor eauthor vonadresse deadresse dedirección "
    "dedireccion",
    "sender name": "sendername fromname vonname denom denombre",
    "to": "to emailto recipients recipient toaddress torecipients recipientto recipientsto "
    "recipientsintoline displayto mailto emailrecipients tos toaddresses tosmtpaddress receiver "
    "receivers allreceivers anadresse àadresse aadresse paradirección paradireccion",
    "to names": "toname tonames recipientnameto anname ànom anom paranombre",
    "cc": "cc emailcc copyee ccrecipients ccaddress carboncopy recipientsincclines copiedto "
    "recipientsinccline displaycc mailcc ccaddresses ccsmtpaddress recipientcc recipientscc "
    "ccadresse ccdirección ccdireccion",
    "cc names": "ccname ccnames recipientnamecc ccnom ccnombre",
    "bcc": "bcc emailbcc blindcopyee bccrecipients bccaddress blindcarboncopy blindcopiedto "
    "recipientsinbccline displaybcc mailbcc bccaddresses bccsmtpaddress recipientbcc recipientsbcc "
    "bccadresse cciadresse ccodirección ccodireccion",
    "bcc names": "bccname bccnames recipientnamebcc ccinom cconombre",
    "subject": "subject emailsubject subjectline subjectortitle "
    "subjecttitle titlesubject mailsubject emailsubjectline subjectdoctitle documentsubject "
    "filesubject esubject betreff objet asunto",
    "title": "title doctitle documenttitle unifiedtitle filetitle",
    "date": "datesent sentdate senton emaildatesent datetimesent sentdatetime emailsentdate "
    "sentdateandtime maildate emaildate date dateutc timestamp docdate documentdate "
    "masterdate sortdate "
    "sent sortdatetime primarydate familydate emailsentdatetime sentdateutc emaildatetime "
    "sentondate communicationdate itemdate primarydatetime",
    "time": "timesent senttime emailtimesent emailsenttime mailtime time sentontime familytime",
    "received": "datereceived receiveddate receiveddatetime datetimereceived emailreceiveddate "
    "daterecvd datercvd receivedon emaildatereceived received receivedondate",
    "received time": "timereceived receivedtime timerecvd timercvd emailtimereceived "
    "emailreceivedtime receivedontime",
    "modified": "datelastmodified lastmodifieddate lastmodifieddatetime datetimelastmodified "
    "datelastmod lastmodified datemodified modifieddate filemodified filemodifieddate "
    "filedatemodified datecreated createddate",
    "modified time": "timelastmodified lastmodifiedtime timelastmod timemodified modifiedtime "
    "filemodifiedtime filetimemodified",
    "zone": "timezone tz timezoneprocessed processingtimezone timezoneused timezonefield "
    "timezoneproc",
    "message id": "messageid internetmessageid emailmessageid msgid internetmsgid "
    "emailinternetmessageid mid intmsgid",
    "in reply to": "inreplyto emailinreplyto inreplytoid emailinreplytoid",
    "references": "references emailreferences",
    "thread": "threadid conversationid emailthreadid threadgroup emailthreadgroup "
    "emailthreadgroupid threadgroupid "
    "emailconversationid",
    "conversation index": "conversationindex emailconversationindex threadindex "
    "emailprconversationindex conversationfamily",
    "conversation": "conversation thread emailconversation",
    "medium": "medium",
    "state": "state messagestate",
    "role": "attachrole attachmentrole",
    "folder": "folder emailfolder mailfolder folderpath emailfolderpath originalpath "
    "originalfolderpath sourcepath mailstorepath foldername originalfilepath "
    "compoundpath emailcompoundpath folderlabel edfolder mailboxpath pathname virtualpath",
    # The native's in one vendor's load files, its old place in another's.
    "file path": "filepath path",
    "text path": "textpath textlink extractedtextpath textfile textfilepath ocrpath "
    "extractedtextlink linktotext txtpath fulltextpath textfilelink ocrtextpath fulltextfilepath",
    "text": "text body emailbody messagebody bodytext extractedtext ocrtext ocr fulltext content "
    "message plaintext textbody emailtext messagetext textkörper nachrichtentext corps cuerpo",
    "html": "html htmlbody bodyhtml messagehtml",
    "native path": "nativepath nativelink nativefile nativefilepath native nativefilelink "
    "doclink filelink linktonative nativelocation nativefiles exportnativepath docpath itempath",
    "file name": "filename docname originalfilename nativefilename attachmentname documentname "
    "name",
    "attachment names": "attachnames attachmentnames attachmentlist attachments "
    "attachmentfilenames attachname",
    "attachment hashes": "attachmentsha256",
    "attachments": "attachmentpaths attachmentfiles attachmentpath",
    "md5": "md5hash md5 hash hashvalue filehash md5hashvalue hashmd5 documenthash nativemd5 "
    "md5digest",
    "sha1": "sha1hash sha1 hashsha1 sha1hashvalue hashsha shahash sha1digest",
    "text hash": "texthash",
    "sha256": "sha256hash sha256 hashsha256 sha256hashvalue nativesha256 sha256digest",
}
DATES = ("date", "received", "modified")
"""The fields of dates, the one that counts first."""
FIELDS = tuple(_NAMES)
"""All fields; a mapping of a table names some of them."""
JOINED = frozenset({"to", "cc", "bcc", "attachments", "custodians", "references"})
# Any of these tells of a mail; a native may.
TELLING = frozenset(
    {"from", "sender name", "to", "date", "received", "subject", "title", "native path"}
)
# Ends of ranges whose beginnings are read, figures, kinds of addresses: nobody misses them.
_COUNT_NAMES = (
    "endbates endbatesno enddoc enddocno endno endcontrol endcontrolnumber enddocid endattach "
    "endattachment endattachno endfamily attend prodendbates prodendattach prodend lastbates "
    "endgroup batesend batesendattach endingbates endingbatesoffamily controlnumberend "
    "fromtype totype cctype bcctype vontyp antyp cctyp bcctyp detype àtype atype ccitype detipo "
    "paratipo cctipo ccotipo "
    "pages pagecount pgcount numpages filesize nativesize docext fileext fileextension extension "
    "attachcount attachmentcount numattach numberofattachments volume prodvolume"
)
COUNTS = frozenset(_COUNT_NAMES.split())
SINGLE = frozenset({"id", "parent", "range", "family", "children", "thread"})

BY_NAME = {
    name: (field, rank)
    for field, names in _NAMES.items()
    for rank, name in enumerate(names.split())
}
