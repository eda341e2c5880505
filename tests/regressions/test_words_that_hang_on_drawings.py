"""Every word that Office shows is read: charts, diagrams and shapes that hang on a drawing were
not, nor the margins of sheets, words that all slides show, and files that a document takes in.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "mail"))
from document_building import (
    A,
    docx,
    opendocument,
    paragraph,
    pptx,
    relations,
    slide,
    xlsx,
    zipped,
)

from riskscan.mail.documents import document_text

_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_CX = "http://schemas.microsoft.com/office/drawing/2014/chartex"
_T = f'<a:p xmlns:a="{A}"><a:r><a:t>%s</a:t></a:r></a:p>'
_SHAPE = f"<x>{_T}</x>"
_CHART = (
    f'<c:chartSpace xmlns:c="{_C}"><c:pivotSource><c:name>[b]no</c:name></c:pivotSource><c:title>'
    f"<c:rich>{_T % 'bribes a year'}</c:rich></c:title><c:ser><c:tx><c:strRef><c:f>S!A1</c:f>"
    "<c:strCache><c:pt><c:v>paid at the quay</c:v></c:pt></c:strCache></c:strRef></c:tx>"
    "<c:trendline><c:name>hush money</c:name></c:trendline>"
    "<c:cat><c:strCache><c:pt><c:v>Nora</c:v></c:pt></c:strCache></c:cat>"
    "<c:val><c:numCache><c:pt><c:v>17.25</c:v></c:pt></c:numCache></c:val></c:ser><c:ser><c:cat>"
    "<c:strCache><c:pt><c:v>Nora</c:v></c:pt></c:strCache></c:cat></c:ser>"
    f"<c:valAx><c:title>{_T % 'in thousands'}</c:title></c:valAx></c:chartSpace>"
)
_CHART_SAYS = "bribes a year\npaid at the quay\nhush money\nNora\nin thousands"
_NEW_CHART = (
    f'<cx:chartSpace xmlns:cx="{_CX}"><cx:strDim><cx:lvl><cx:pt idx="0">North quay</cx:pt>'
    "</cx:lvl></cx:strDim><cx:numDim><cx:lvl><cx:pt>4.5</cx:pt></cx:lvl></cx:numDim>"
    "<cx:tx><cx:txData><cx:v>Where it went</cx:v></cx:txData></cx:tx></cx:chartSpace>"
)
_DIAGRAM = f"<d:dataModel xmlns:d='d'><d:t>{_T % 'who knew'}</d:t></d:dataModel>"
_BUTTON = (
    "<xml xmlns:v='urn:schemas-microsoft-com:vml'><v:shape><v:textbox><div><font>Burn "
    "<b>it</b><br></font></div></v:textbox></v:shape></xml>"
)
_SHEET = "xl/worksheets/_rels/sheet1.xml.rels"
_DRAWN = {_SHEET: relations({"d": ("drawing", "../drawings/drawing1.xml")})}
_ON = "xl/drawings/_rels/drawing1.xml.rels"


def _with(data: bytes, more: dict[str, str]) -> bytes:
    """A package with more parts, or others."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {n: archive.read(n) for n in archive.namelist()}
    return zipped(parts | more)


def _on_sheet(kind: str, name: str, content: str, **more: str) -> bytes:
    parts = {"xl/drawings/drawing1.xml": "<x/>", f"xl/{name}": content, **_DRAWN}
    parts[_ON] = relations({"c": (kind, f"../{name}")})
    return _with(xlsx({"Fees": ""}), parts | more)


def _sheet(inner: str) -> bytes:
    return _with(
        xlsx({"Fees": ""}),
        {"xl/worksheets/sheet1.xml": f"<worksheet><sheetData/>{inner}</worksheet>"},
    )


def _on_page(kind: str, name: str, content: str) -> bytes:
    rels = {"word/_rels/document.xml.rels": relations({"c": (kind, name)})}
    return docx("Page", **{f"word/{name}": content}, **rels)


def _on_slide(kind: str, name: str, content: str) -> bytes:
    rels = {"ppt/slides/_rels/slide1.xml.rels": relations({"c": (kind, f"../{name}")})}
    return _with(pptx([["Talk"]]), {f"ppt/{name}": content, **rels})


def _layouts() -> bytes:
    own = (
        f"<x><p:sp xmlns:p='p'><p:nvPr/><p:txBody>{_T % '%s'}</p:txBody></p:sp><p:sp xmlns:p='p'>"
        f"<p:nvPr><p:ph/></p:nvPr><p:txBody>{_T % 'Click to edit'}</p:txBody></p:sp></x>"
    )
    return _with(
        _on_slide("slideLayout", "slideLayouts/slideLayout1.xml", own % "of the layout"),
        {
            "ppt/slideLayouts/_rels/slideLayout1.xml.rels": relations(
                {"m": ("slideMaster", "../slideMasters/slideMaster1.xml")}
            ),
            "ppt/slideMasters/slideMaster1.xml": own % "of the master",
        },
    )


_WATERMARK = (
    "<w:p><w:r><w:t>before</w:t></w:r><w:r><w:pict><v:shape xmlns:v='v'>"
    "<v:textpath string='DO NOT COPY'/></v:shape></w:pict></w:r></w:p>"
)
_BOX = (
    "<w:p><w:r><w:t>before</w:t></w:r><w:r><w:txbxContent><w:p><w:r><w:t>in the box</w:t></w:r>"
    "</w:p></w:txbxContent></w:r></w:p>"
)
_DELETED = "<w:p><w:del><w:r><w:delText>we paid</w:delText></w:r></w:del></w:p>"
_PLACES: dict[str, tuple[bytes, str]] = {
    "sheet: chart": (_on_sheet("chart", "charts/chart1.xml", _CHART), _CHART_SAYS),
    "sheet: chart of 2016": (
        _on_sheet("chartEx", "charts/chartEx1.xml", _NEW_CHART), "North quay\nWhere it went"
    ),
    "sheet: box inside a chart": (
        _on_sheet("chart", "charts/chart1.xml", "<x/>", **{
            "xl/charts/_rels/chart1.xml.rels": relations(
                {"u": ("chartUserShapes", "../drawings/drawing2.xml")}
            ),
            "xl/drawings/drawing2.xml": _SHAPE % "see the safe",
        }), "see the safe",
    ),
    "sheet: chart that nothing names": (
        _with(xlsx({"Fees": ""}), {"xl/charts/chart7.xml": _CHART}), _CHART_SAYS
    ),
    "sheet: diagram": (_on_sheet("diagramData", "diagrams/data1.xml", _DIAGRAM), "who knew"),
    "sheet: box": (
        _with(xlsx({"Fees": ""}), {"xl/drawings/drawing1.xml": _SHAPE % "in a box", **_DRAWN}),
        "in a box",
    ),
    "sheet: button": (
        _with(xlsx({"Fees": ""}), {
            "xl/drawings/vmlDrawing1.vml": _BUTTON,
            _SHEET: relations({"v": ("vmlDrawing", "../drawings/vmlDrawing1.vml")}),
        }), "Burn it",
    ),
    "sheet: margins": (
        _sheet(
            "<headerFooter><oddHeader>&amp;L&amp;\"Arial,Bold\"&amp;12Fees &amp;&amp; "
            "bribes&amp;RPage &amp;P</oddHeader><firstFooter>&amp;Ctell nobody</firstFooter>"
            "</headerFooter>"
        ),
        "Fees & bribes\tPage\ntell nobody",
    ),
    "sheet: words at a cell": (
        _sheet("<dataValidations><dataValidation promptTitle='Mind' prompt='no real names'/>"
               "</dataValidations>"), "Mind\nno real names",
    ),
    "page: chart": (_on_page("chart", "charts/chart1.xml", _CHART), _CHART_SAYS),
    "page: chart of 2016": (
        _on_page("chartEx", "charts/chartEx1.xml", _NEW_CHART), "North quay\nWhere it went"
    ),
    "page: diagram": (_on_page("diagramData", "diagrams/data1.xml", _DIAGRAM), "who knew"),
    "page: box": (docx(_BOX), "before\nin the box"),
    "page: watermark": (docx(_WATERMARK), "before\nDO NOT COPY"),
    "page: footnote": (docx("x", footnotes=f"<w:footnote>{paragraph('aside')}</w:footnote>"),
                       "Footnote:\naside"),
    "page: comment": (docx("x", comments=f"<w:comment>{paragraph('aside')}</w:comment>"),
                      "Comment:\naside"),
    "page: header": (docx("x", header1=paragraph("privileged")), "privileged"),
    "page: footer": (docx("x", footer2=paragraph("privileged")), "privileged"),
    "page: deletion": (docx(_DELETED), "[deleted: we paid]"),
    "slide: chart": (_on_slide("chart", "charts/chart1.xml", _CHART), _CHART_SAYS),
    "slide: diagram": (_on_slide("diagramData", "diagrams/data1.xml", _DIAGRAM), "who knew"),
    "slide: notes": (pptx([["Talk"]], {1: "say it softly"}), "Notes:\nsay it softly"),
    "slide: comments": (
        _on_slide("comments", "comments/comment1.xml",
                  "<p:cmLst xmlns:p='p'><p:cm><p:text>too loud</p:text></p:cm></p:cmLst>"),
        "Comments:\ntoo loud",
    ),
    "slide: comments of 2021": (
        _on_slide("comments", "comments/modernComment_1.xml", _SHAPE % "too loud"), "too loud"
    ),
    "slide: hidden": (
        _with(pptx([["Talk"]]), {
            "ppt/slides/slide1.xml": slide("left out").replace("<p:sld ", "<p:sld show='0' ")
        }), "Slide 1 (hidden):\nleft out",
    ),
    "slide: layouts": (
        _layouts(), "On the slides:\nof the layout\n\nOn the slides:\nof the master"
    ),
    "OpenDocument: chart": (
        _with(opendocument("<office:text><text:p>x</text:p></office:text>"), {
            "Object 1/content.xml": "<o xmlns:text='t'><text:p>bribes a year</text:p></o>"
        }), "bribes a year",
    ),
}  # fmt: skip


@pytest.mark.parametrize("place", _PLACES)
def test_words_are_read_wherever_they_stand(place: str) -> None:
    data, said = _PLACES[place]
    document = document_text("file", "", data)
    assert said in document.text
    assert document.unread == ""
    assert not any(no in document.text for no in ("17.25", "4.5", "[b]no", "Click to edit"))


def test_drawings_that_name_each_other_are_read_once() -> None:
    data = _on_sheet("chart", "charts/chart1.xml", _CHART, **{
        "xl/charts/_rels/chart1.xml.rels": relations(
            {"u": ("chartUserShapes", "../drawings/drawing1.xml")}
        )
    })  # fmt: skip
    assert document_text("file", "", data).text == f"Sheet Fees:\n\n{_CHART_SAYS}"


def test_names_of_sheets_are_words() -> None:
    empty = "<row/><row><c t='str'><v>x</v></c></row>"
    data = xlsx({"Bribes": "", "Fees": empty}, hidden="Bribes")
    assert document_text("file", "", data).text == "Sheet Bribes (hidden):\n\nSheet Fees:\nx"


def test_a_file_that_a_document_takes_in_is_read() -> None:
    data = _on_page("aFChunk", "chunk.htm", "<html><p>the second book</p></html>")
    (member,) = document_text("a.docx", "", data).members
    assert (member.name, member.text.strip()) == ("a.docx!/word/chunk.htm", "the second book")
