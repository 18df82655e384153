"""Markdown as the store's pages use it, as HTML: headings, lists, paragraphs, bold, italic, links."""

from __future__ import annotations

import re
from html import escape

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_ITALIC = re.compile(r"(?<![\w*])[*_]([^*_]+)[*_](?![\w*])")
_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^\s)]+|/[^\s)]*)\)")
_HEADING = re.compile(r"^(#{1,4})\s+(.*)$")
_BULLET = re.compile(r"^\s*(?:[-*]|\d+[.)])\s+")


def prose(markdown: str) -> str:
    """The text as HTML; what is not Markdown is shown as it is, never run."""
    return "".join(_block(block) for block in re.split(r"\n\s*\n", markdown.strip()))


def _block(block: str) -> str:
    lines = block.splitlines()
    heading = _HEADING.match(lines[0])
    if heading:
        rest = "\n".join(lines[1:])
        return f"<h2>{_inline(heading.group(2))}</h2>" + (_block(rest) if rest.strip() else "")
    bullets = next((place for place, line in enumerate(lines) if _BULLET.match(line)), None)
    if bullets is None:
        return f"<p>{_inline(' '.join(lines))}</p>"
    before = f"<p>{_inline(' '.join(lines[:bullets]))}</p>" if bullets else ""
    return before + _list(lines[bullets:])


def _list(lines: list[str]) -> str:
    items: list[str] = []
    for line in lines:
        if _BULLET.match(line) or not items:
            items.append(_BULLET.sub("", line))
        else:
            items[-1] += f" {line.strip()}"
    tag = "ol" if re.match(r"^\s*\d", lines[0]) else "ul"
    return f"<{tag}>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</{tag}>"


def _inline(text: str) -> str:
    html = escape(text, quote=False)
    html = _LINK.sub(lambda match: f'<a href="{escape(match.group(2))}">{match.group(1)}</a>', html)
    html = _BOLD.sub(r"<strong>\1</strong>", html)
    return _ITALIC.sub(r"<em>\1</em>", html)
