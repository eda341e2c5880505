"""PDF through PDFium: text layer, notes, form fields, and the files attached inside."""

from __future__ import annotations

import ctypes
from typing import Any

from riskscan.mail.documents.document import MIB, Unreadable
from riskscan.mail.documents.flow import Flow

MAX_PAGES = 5_000
_ANNOTATIONS = 2_000  # of one page
_ATTACHED = 64 * MIB  # bytes of attached files
_ATTACHMENTS = 200
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_UNDECODED = frozenset("\ufffd\ufffe\uffff")


def read_pdf(data: bytes, flow: Flow, inner: list[tuple[str, bytes | str]]) -> str:
    """Send the text of a PDF (ISO 32000) to ``flow``, page by page, and the files attached in it
    to ``inner``; returns why not all could be read, or "".

    A file that opens with the empty password is read. Raises Unreadable.
    """
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD:
            raise Unreadable("encrypted") from None
        raise Unreadable(f"damaged: {str(error)[:150]}") from None
    try:
        pdf.init_forms()
        _attached(pdf, inner)
        return _pages(pdf, flow)
    finally:
        pdf.close()


def _pages(pdf: Any, flow: Flow) -> str:
    """Add all pages to ``flow``; returns why not all could be read, or ""."""
    import pypdfium2

    count = len(pdf)
    scans = broken = undecoded = characters = 0
    for number in range(min(count, MAX_PAGES)):
        if flow.late:
            return f"cut after {number:,} of {count:,} pages: they take too long to read"
        try:
            page = pdf[number]
        except pypdfium2.PdfiumError:
            broken += 1
            continue
        try:
            text = _text(page)
            scans += not text.strip() and _has_picture(page)
            undecoded += sum(c in _UNDECODED or "\ue000" <= c <= "\uf8ff" for c in text)
            characters += len(text)
            flow.section()
            flow.add(text)
            for note in _notes(page, pdf.formenv):
                flow.section()
                flow.add(note)
        except pypdfium2.PdfiumError:
            broken += 1
        finally:
            page.close()
    if count > MAX_PAGES:
        return f"cut after {MAX_PAGES:,} of {count:,} pages"
    if count and scans == count:
        return "a scan without text layer"
    if broken:
        return f"damaged: {broken:,} of {count:,} pages cannot be read"
    if scans:
        return f"{scans:,} of {count:,} pages are scans without text layer"
    if undecoded * 4 > characters:
        return "damaged: its fonts do not tell which letters they show"
    return ""


def _text(page: Any) -> str:
    layer = page.get_textpage()
    try:
        text: str = layer.get_text_range()
    finally:
        layer.close()
    # U+0002: PDFium's sign for a hyphen at the end of a line.
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x02", "").strip()


def _has_picture(page: Any) -> bool:
    import pypdfium2.raw as raw

    return any(True for _ in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=4))


def _notes(page: Any, form: Any) -> list[str]:
    """What comments and filled form fields say (ISO 32000-1 sections 12.5 and 12.7)."""
    import pypdfium2.raw as raw

    found = []
    for i in range(min(raw.FPDFPage_GetAnnotCount(page), _ANNOTATIONS)):
        annotation = raw.FPDFPage_GetAnnot(page, i)
        if not annotation:
            continue
        try:
            kind = raw.FPDFAnnot_GetSubtype(annotation)
            if kind in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP):
                continue
            if kind == raw.FPDF_ANNOT_WIDGET:
                who = _string(raw.FPDFAnnot_GetFormFieldName, form, annotation) if form else ""
                text = _string(raw.FPDFAnnot_GetFormFieldValue, form, annotation) if form else ""
            else:
                who = _string(raw.FPDFAnnot_GetStringValue, annotation, b"T")
                text = _string(raw.FPDFAnnot_GetStringValue, annotation, b"Contents")
                who = f"Comment by {who}" if who else "Comment"
            if text:
                found.append(f"{who}: {text}" if who else text)
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    return found


def _string(function: Any, *of: Any) -> str:
    """The text that a function of PDFium writes into a buffer as UTF-16."""
    import pypdfium2.raw as raw

    size = function(*of, None, 0)
    if not 2 < size <= 2 * MIB:
        return ""
    buffer = ctypes.create_string_buffer(size)
    function(*of, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0").replace("\r", "\n").strip()


def _attached(pdf: Any, inner: list[tuple[str, bytes | str]]) -> None:
    import pypdfium2

    left = _ATTACHED
    for i in range(min(pdf.count_attachments(), _ATTACHMENTS)):
        name = f"attachment {i + 1}"
        try:
            attachment = pdf.get_attachment(i)
            name = attachment.get_name() or name
            content = bytes(attachment.get_data())
        except pypdfium2.PdfiumError as error:
            inner.append((name, f"damaged: {str(error)[:150]}"))
            continue
        left -= len(content)
        if left < 0:
            inner.append((name, f"larger than {_ATTACHED // MIB} MiB, with all before it"))
            return
        inner.append((name, content))
