"""A written report as a browser's parser sees it, for the tests."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

TAGS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "main", "footer", "nav",
    "section", "article", "p", "h1", "h2", "h3", "h4", "span", "b", "strong", "small", "code", "q",
    "bdi", "mark", "dl", "dt", "dd", "div", "ul", "ol", "li", "table", "thead", "tbody", "tfoot",
    "tr", "th", "td", "details", "summary", "figure", "figcaption", "br", "svg", "rect", "line",
    "text", "g", "path", "circle",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "dir", "scope",
    "colspan", "role", "width", "height", "x", "y", "x1", "x2", "y1", "y2", "rx", "text-anchor",
    "aria-label", "aria-labelledby", "aria-hidden", "viewBox", "d", "stroke-width", "cx", "cy", "r",
}  # fmt: skip


class Page:
    """The parsed report; ``tree`` is selectolax's, which follows the HTML standard."""

    def __init__(self, file: Path) -> None:
        self.source = file.read_text(encoding="utf-8")
        self.tree = LexborHTMLParser(self.source)

    @property
    def words(self) -> str:
        """The visible text with white space made single."""
        return spaced(self.tree.body)

    def all(self, selector: str) -> list[LexborNode]:
        """All nodes that a CSS selector finds."""
        return self.tree.css(selector)

    def one(self, selector: str) -> LexborNode:
        """The only node that a CSS selector finds."""
        (found,) = self.tree.css(selector)
        return found

    def section(self, message: int) -> LexborNode:
        """The section of a message."""
        return self.one(f"article#m{message}")

    def check(self) -> None:
        """Only the report's own markup, nothing from elsewhere, and no link into nowhere."""
        nodes = [node for node in self.tree.root.traverse(include_text=False) if node.tag]
        tags = {node.tag for node in nodes if not node.tag.startswith(("-", "!"))}
        assert tags <= TAGS, tags - TAGS
        ids: list[str] = []
        targets: list[str] = []
        for node in nodes:
            for name, value in node.attributes.items():
                assert name in ATTRIBUTES, (node.tag, name)
                if name == "id":
                    ids.append(value or "")
                if name in ("href", "aria-labelledby"):
                    targets.append((value or "").removeprefix("#"))
                if name == "href":
                    assert (value or "").startswith("#"), value
                    assert node.tag == "a"
        assert len(ids) == len(set(ids)), "an id twice"
        assert set(targets) <= set(ids), set(targets) - set(ids)
        self._check_policy()

    def _check_policy(self) -> None:
        style = self.one("style").text()
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = self.one("meta[http-equiv='Content-Security-Policy']").attributes["content"]
        assert policy is not None
        assert policy.split("; ") == [
            "default-src 'none'", f"style-src 'sha256-{digest}'", "base-uri 'none'",
            "form-action 'none'",
        ]  # fmt: skip
        assert "url(" not in style and "@import" not in style and "<" not in style


def spaced(node: LexborNode | None) -> str:
    """The text of a node, white space made single."""
    assert node is not None
    return " ".join(node.text().split())
