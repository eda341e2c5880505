"""Hostile messages of any size: each maker takes a size in bytes and gives about so many."""

from __future__ import annotations

import base64
from collections.abc import Callable

Maker = Callable[[int], bytes]

HEAD = (
    b"From: Nora Quill <nora@quayside.example>\nTo: Ben Tarn <ben@quayside.example>\n"
    b"Date: Tue, 05 Mar 2024 08:00:00 +0000\nMessage-ID: <1@quayside.example>\nSubject: crates\n"
)


def _filled(unit: bytes, size: int) -> bytes:
    return unit * max(1, size // len(unit))


def body(unit: bytes, kind: bytes = b"text/plain; charset=utf-8", before: bytes = b"") -> Maker:
    """A body of one unit, over and over."""

    def make(size: int) -> bytes:
        head = HEAD + b"MIME-Version: 1.0\nContent-Type: " + kind + b"\n\n"
        return head + before + _filled(unit, size)

    return make


def html(unit: bytes, before: bytes = b"<html><body><p>Hello</p>") -> Maker:
    return body(unit, b"text/html; charset=utf-8", before)


def header(name: bytes, unit: bytes, before: bytes = b"", after: bytes = b"") -> Maker:
    """A header whose value is one unit, over and over."""

    def make(size: int) -> bytes:
        kept = b"".join(x + b"\n" for x in HEAD.splitlines() if not x.startswith(name + b":"))
        value = before + _filled(unit, size) + after
        return name + b": " + value + b"\n" + kept + b"\nThe crates arrive.\n"

    return make


def encoded(unit: bytes, encoding: bytes, kind: bytes = b"text/plain; charset=utf-8") -> Maker:
    return body(unit, kind + b"\nContent-Transfer-Encoding: " + encoding)


def numbered(line: bytes, before: bytes = b"", after: bytes = b"\nThe crates arrive.\n") -> Maker:
    """Header lines made of a pattern with ``%d``, after the usual ones."""

    def make(size: int) -> bytes:
        lines = (line % i for i in range(max(1, size // len(line))))
        return HEAD + before + b"".join(lines) + after

    return make


def mime_depth(size: int) -> bytes:
    """Multiparts inside multiparts."""
    level = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
    count = max(1, size // len(level))
    return HEAD + b"".join(level % (i, i) for i in range(count)) + b"\nThe crates arrive.\n"


def same_boundary_depth(size: int) -> bytes:
    """Multiparts inside multiparts, all with one boundary."""
    level = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
    return HEAD + _filled(level, size) + b"\nThe crates arrive.\n"


def embedded_depth(size: int) -> bytes:
    """Messages inside messages."""
    level = HEAD + b"Content-Type: message/rfc822\n\n"
    return _filled(level, size) + HEAD + b"\nThe crates arrive.\n"


def embedded_in_multiparts(size: int) -> bytes:
    """Messages inside multiparts inside messages."""
    level = HEAD + b"Content-Type: multipart/digest; boundary=b%d\n\n--b%d\n\n"
    count = max(1, size // len(level))
    return b"".join(level % (i, i) for i in range(count)) + HEAD + b"\nThe crates arrive.\n"


def base64_line(size: int) -> bytes:
    """An attachment in base64 without a line end."""
    kind = b"application/octet-stream\nContent-Disposition: attachment; filename=a.bin\n"
    head = HEAD + b"Content-Type: " + kind + b"Content-Transfer-Encoding: base64\n\n"
    return head + base64.b64encode(bytes(size * 3 // 4))


def parts(part: bytes, kind: bytes = b"mixed") -> Maker:
    """A multipart of very many parts."""

    def make(size: int) -> bytes:
        head = HEAD + b"Content-Type: multipart/" + kind + b"; boundary=edge\n\n"
        return head + _filled(b"--edge\n" + part, size) + b"--edge--\n"

    return make


def continuations(pattern: bytes) -> Maker:
    """RFC 2231 continuations of a file name, in a part of its own."""

    def make(size: int) -> bytes:
        lines = (pattern % i for i in range(max(1, size // len(pattern))))
        head = HEAD + b"Content-Type: application/octet-stream\nContent-Disposition: attachment"
        return head + b"".join(lines) + b"\n\nThe crates arrive.\n"

    return make


def levels(size: int) -> bytes:
    """Quotation that gets deeper with each line."""
    lines = bytearray(HEAD + b"\n")
    depth = 1
    while len(lines) < size:
        lines += b">" * depth + b" text\n"
        depth = depth % 500 + 1
    return bytes(lines)


MESSAGES: dict[str, Maker] = {
    # MIME
    "multiparts in multiparts": mime_depth,
    "multiparts of one boundary": same_boundary_depth,
    "messages in messages": embedded_depth,
    "messages in multiparts": embedded_in_multiparts,
    "base64 in one line": base64_line,
    "base64 of line ends": encoded(b"\n", b"base64"),
    "base64 of padding": encoded(b"=", b"base64"),
    "base64 of other characters": encoded(b"!*\n", b"base64"),
    "empty parts": parts(b"\n"),
    "text parts": parts(b"Content-Type: text/plain\n\nx\n"),
    "alternatives": parts(b"Content-Type: text/html\n\n<p>x\n", b"alternative"),
    "related parts": parts(b"Content-Type: text/html\nContent-ID: <x>\n\nx\n", b"related"),
    "embedded messages": parts(b"Content-Type: message/rfc822\n\nSubject: x\n\nx\n"),
    "delivery reports": parts(b"Content-Type: message/delivery-status\n\nStatus: 5\n", b"report"),
    "boundary in each line": body(b"--edge\n", b"multipart/mixed; boundary=edge"),
    "nearly the boundary": body(b"--edg\n--edge", b"multipart/mixed; boundary=edge"),
    "dashes for a boundary": body(b"-", b'multipart/mixed; boundary="-"'),
    "dashes in lines": body(b"----\n", b'multipart/mixed; boundary="--"'),
    "no boundary": body(b"--\n", b'multipart/mixed; boundary=""'),
    "file name in pieces": continuations(b";\n filename*%d*=x%%C3%%A9"),
    "file name in far pieces": continuations(b";\n filename*9%d=x"),
    "file name given often": continuations(b";\n filename=x%d"),
    "parameters": continuations(b";\n p%d=x"),
    "semicolons": continuations(b";;;;;;;;;;;;;;;;%d"),
    "open quotes in parameters": continuations(b'; a%d="x'),
    "backslashes in parameters": header(b"Content-Type", b"\\", b'text/plain; name="'),
    "blanks in parameters": header(b"Content-Type", b" ", b"text/plain;", b"x"),
    "percent signs": header(b"Content-Disposition", b"%", b"attachment; filename*=utf-8''"),
    # headers
    "headers": numbered(b"X-H%d: v\n"),
    "one header often": numbered(b"Received: by h%d.example\n"),
    "one subject often": numbered(b"Subject: %d\n"),
    "senders": numbered(b"From: n%d@quayside.example\n"),
    "recipients headers": numbered(b"To: n%d@quayside.example\n"),
    "folded lines": header(b"Subject", b"x\n "),
    "folded blanks": header(b"Subject", b" \n "),
    "blanks before colons": numbered(b"X-H%d \t : v\n"),
    "blanks without colon": header(b"Subject", b" ", b"\nX"),
    "mailboxes in a word": header(b"To", b"=3Ca=40b.example=3E,", b"=?utf-8?q?", b"?="),
    "comments in parameters": header(b"Content-Type", b"(", b"text/plain;"),
    "closed comments in parameters": header(b"Content-Type", b"(x) ", b"text/plain; a="),
    "no colon": body(b"x\n", b"text/plain\nno colon here\nno colon"),
    "header name": lambda size: b"X" * size + b": v\n" + HEAD + b"\nText.\n",
    "colons": lambda size: _filled(b":\n", size) + HEAD + b"\nText.\n",
    "NULs in a header": header(b"Subject", b"\0"),
    "returns in a header": header(b"Subject", b"\r"),
    "recipients": header(b"To", b"n@quayside.example, "),
    "recipients of one domain": numbered(
        b"n%d@quayside.example,\n ", b"Cc: ", b"\n\nThe crates arrive.\n"
    ),
    "references": numbered(b"\n <%d@quayside.example>", b"References:", b"\n\nText.\n"),
    "replies to": header(b"In-Reply-To", b"<a@b> "),
    "open angles": header(b"References", b"<"),
    "open angles with text": header(b"References", b"<a "),
    "open angle in the id": header(b"Message-ID", b"<a@"),
    "display names": header(b"From", b'"a" ', b"", b"<n@quayside.example>"),
    "quotes in an address": header(b"From", b'"'),
    "escapes in an address": header(b"From", b"\\", b'"', b'" <n@quayside.example>'),
    "comments in an address": header(b"From", b"("),
    "closed comments": header(b"From", b"()"),
    "brackets in an address": header(b"From", b"<"),
    "at signs": header(b"From", b"@"),
    "dots": header(b"From", b"a.", b"", b"@quayside.example"),
    "commas": header(b"To", b","),
    "groups": header(b"To", b"g:;"),
    "open groups": header(b"To", b"g:"),
    "blanks in an address": header(b"To", b" ", b"a", b"@b.example"),
    "route": header(b"To", b"@a,", b"<", b":n@quayside.example>"),
    "domain literal": header(b"To", b"[", b"n@"),
    "open encoded words": header(b"Subject", b"=?"),
    "half encoded words": header(b"Subject", b"=?utf-8?q?"),
    "encoded words": header(b"Subject", b"=?utf-8?q?=C3=A9?= "),
    "encoded words of many charsets": header(b"Subject", b"=?iso-2022-jp?b?GyRC?= "),
    "encoded word in one": header(b"Subject", b"QUFB", b"=?utf-8?b?", b"?="),
    "encoded names": header(b"To", b"=?utf-8?q?a=2C?= <n@q.example>, "),
    "replies in the subject": header(b"Subject", b"Re: "),
    "numbered replies": header(b"Subject", b"Re[2]: "),
    "tags in the subject": header(b"Subject", b"[x] "),
    "blanks in the subject": header(b"Subject", b" ", b"a", b"b"),
    "blanks in the date": header(b"Date", b" ", b"Tue,", b"5 Mar 2024"),
    "digits in the date": header(b"Date", b"1"),
    "comments in the date": header(b"Date", b"(", b"Tue, 5 Mar 2024 08:00:00 +0000 "),
    "days in the date": header(b"Date", b"Mon, "),
    "colons in the date": header(b"Date", b"1:"),
    # transfer encodings and charsets
    "soft line ends": encoded(b"=\n", b"quoted-printable"),
    "equals signs": encoded(b"=", b"quoted-printable"),
    "broken escapes": encoded(b"=0", b"quoted-printable"),
    "blanks before line ends": encoded(b" ", b"quoted-printable"),
    "escaped line ends": encoded(b"=0A", b"quoted-printable"),
    "uuencode begins": body(b"begin 644 a.txt\n"),
    "uuencode lines": body(b"M" + b"86)C" * 15 + b"\n", before=b"begin 644 a.txt\n"),
    "uuencode files": body(b"begin 644 a\n#86)C\n`\nend\n"),
    "uuencode as encoding": encoded(b"begin 644 a\n", b"x-uuencode"),
    "yEnc": body(b"=ybegin line=128 size=1 name=a\n"),
    "utf-7": body(b"+AGE-", b"text/plain; charset=utf-7"),
    "utf-7 plus signs": body(b"+", b"text/plain; charset=utf-7"),
    "iso-2022-jp shifts": body(b"\x1b$B\x1b(B", b"text/plain; charset=iso-2022-jp"),
    "iso-2022-kr": body(b"\x0e\x0f", b"text/plain; charset=iso-2022-kr"),
    "hz": body(b"~{~}", b"text/plain; charset=hz"),
    "utf-16 without end": body(b"\xd8\x00", b"text/plain; charset=utf-16"),
    "utf-32": body(b"\xff", b"text/plain; charset=utf-32"),
    "punycode": body(b"a-", b"text/plain; charset=punycode"),
    "unicode escapes": body(b"\\ud800", b"text/plain; charset=unicode_escape"),
    "zip for a charset": body(b"x\x9c", b"text/plain; charset=zlib_codec"),
    "big5 that is none": body(b"\xa3\xff", b"text/plain; charset=big5"),
    "euc-jp that is none": body(b"\xad\xa1\xff", b"text/plain; charset=euc-jp"),
    "no charset": body(b"\xe9\xff\x81", b"text/plain"),
    "surrogates": body(b"\xed\xa0\x80"),
    "NULs": body(b"\0"),
    "bidi controls": body("\u202e\u2066".encode()),
    "combining marks": body("\u0301".encode(), before=b"e"),
    "zero widths": body("\u200b\ufeff".encode()),
    "zero widths in words": body("a\u200b".encode()),
    "joiners": html("\u200c".encode()),
    "signatures and sentences": body(b"-- \nAda\n\nWe put all of it in there for you.\n\n"),
    "notices and sentences": body(
        b"This e-mail is confidential. We put all of it in there for you. Delete it.\n\n"
    ),
    "style sheets that write": body(b"<style>a::before{content:'x'}</style>", b"text/html"),
    "names of attributes": html(b"title"),
    "placeholders": body(b"<input placeholder='x y z'>", b"text/html"),
    "pages in pages": body(b"<iframe srcdoc='<p>x</p>'>", b"text/html"),
    "byte order marks": body(b"\xef\xbb\xbf"),
    # text
    "one line": body(b"a"),
    "one line of words": body(b"word "),
    "blank lines": body(b"\n"),
    "blanks": body(b" ", before=b"a"),
    "tabs and blanks": body(b"\t ", before=b"a"),
    "quotation signs": body(b">"),
    "spaced quotation signs": body(b"> "),
    "deeper and deeper": levels,
    "quoted and not": body(b"> a\nb\n"),
    "initials": body(b"AB> a\n"),
    "signatures": body(b"-- \nNora\n"),
    "dashes": body(b"-"),
    "lines of dashes": body(b"-----\n"),
    "underscores": body(b"_"),
    "lines of underscores": body(b"________________________________\n"),
    "stars": body(b"*"),
    "original messages": body(b"-----Original Message-----\n"),
    "forwards": body(b"---------- Forwarded message ---------\n"),
    "Outlook heads": body(b"From: Nora\nSent: Tuesday\nTo: Ben\nSubject: crates\n\nText.\n"),
    "half Outlook heads": body(b"From: Nora\n"),
    "wrote": body(b"On Tue, Mar 5, 2024, Nora wrote:\n> a\n"),
    "on without wrote": body(b"On Tue, Mar 5, 2024 "),
    "on in lines": body(b"On Tue, Mar 5, 2024\n"),
    "wrote in one line": body(b"On ", before=b"On Tue, Mar 5, 2024 "),
    "angles after on": body(b"<", before=b"On Tue, Mar 5, 2024 Nora "),
    "names before wrote": body(b"Nora Quill <nora@quayside.example> wrote:\n"),
    "disclaimers": body(b"This e-mail is confidential and intended only for the addressee.\n"),
    "farewells": body(b"Best regards,\nNora\n"),
    "phones": body(b"+49 (0) 30 1234567\n"),
    "digits": body(b"1"),
    "at signs in text": body(b"a@"),
    "links": body(b"http://quayside.example/a\n"),
    "link": body(b"a/", before=b"http://"),
    "links in brackets": body(b"<http://"),
    "soft paragraphs": body(b"word \n", b"text/plain; format=flowed; delsp=yes"),
    # HTML
    "elements in elements": html(b"<div>"),
    "quotations in quotations": html(b"<blockquote>a"),
    "tables in tables": html(b"<table><tr><td>a"),
    "lists in lists": html(b"<ul><li>a"),
    "fonts": html(b"<b><i><font>a"),
    "closed wrongly": html(b"<b><p></b></p>"),
    "closed only": html(b"</div>"),
    "paragraphs": html(b"<p>a"),
    "line ends": html(b"<br>"),
    "open tags": html(b"<"),
    "open tags with names": html(b"<a "),
    "attributes": html(b" a=b", b"<div"),
    "one attribute": html(b"a", b"<div title='"),
    "open quotes": html(b'<a href="'),
    "comments": html(b"<!--"),
    "closed comments in html": html(b"<!-- a -->"),
    "strange comments": html(b"<!--->--!>"),
    "conditional comments": html(b"<!--[if mso]>a<![endif]-->"),
    "cdata": html(b"<![CDATA["),
    "declarations": html(b"<!"),
    "instructions": html(b"<?xml "),
    "scripts": html(b"<script>"),
    "closed scripts": html(b"<script>a</script>"),
    "textareas": html(b"<textarea>"),
    "plaintext": html(b"<plaintext>"),
    "titles": html(b"<title>a</title>"),
    "ampersands": html(b"&"),
    "entities": html(b"&amp;"),
    "open entities": html(b"&am"),
    "number entities": html(b"&#x1F600;"),
    "surrogate entities": html(b"&#xD800;"),
    "NUL entities": html(b"&#0;"),
    "bodies": html(b"<body><html>"),
    "heads": html(b"<head><title>"),
    "frames": html(b"<frameset><noframes>"),
    "templates": html(b"<template>"),
    "svg": html(b"<svg><desc><math>"),
    "selects": html(b"<select><option>a"),
    "hidden": html(b"<div style='display:none'>a</div>"),
    "styles": html(b"<p style='a:b;;;;'>x</p>"),
    "one style": html(b"color:red;", b"<p style='"),
    "css braces": html(b"{", b"<style>"),
    "css colons": html(b":;", b"<style>content:x;" + b"a" * 20_000),
    "css rules": html(b".a{display:none}", b"<style>"),
    "css comments": html(b"/*", b"<style>"),
    "css strings": html(b'"', b"<style>"),
    "css imports": html(b"@import url(", b"<style>"),
    "css escapes": html(b"\\a ", b"<style>"),
    "links with images": html(b"<a href=x><img src=cid:a alt=b></a>"),
    "non-breaking spaces": html(b"&nbsp;"),
    "pre": html(b"\n", b"<pre>"),
    "pre in pre": html(b"<pre>\n"),
    "quoted html": html(b"<div class=gmail_quote>On Tue Nora wrote:<blockquote>a"),
    "Outlook html": html(b"<div style='border-top:solid'><p><b>From:</b> Nora<br>"),
}
