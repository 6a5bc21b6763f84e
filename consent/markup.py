"""The small part of Markdown that a consent text may use, and what it looks like as HTML."""

from collections.abc import Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Reads HTML as HTML, so that it can be refused by name; the writer would print it as plain text.
_READER = MarkdownIt("commonmark", {"html": True})
_WRITER = MarkdownIt("commonmark", {"html": False})
_ALLOWED = frozenset({"paragraph", "bullet_list", "list_item", "strong", "inline", "text", "softbreak"})
_NAMES = {
    "html_block": "raw HTML",
    "html_inline": "raw HTML",
    "heading": "a heading",
    "link": "a link",
    "image": "an image",
    "em": "emphasis with one star",
    "code_inline": "code",
    "code_block": "code (four spaces or more at the start of a line)",
    "fence": "code",
    "ordered_list": "a numbered list",
    "blockquote": "a quotation",
    "hr": "a rule",
    "hardbreak": "a forced line break",
}


class MarkupRefused(ValueError):
    """The text uses more than paragraphs, dashed lists and **strong** words."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(f"{name} is not allowed here; use paragraphs, lists with dashes and **strong** words.")
        self.line = line


@lru_cache(maxsize=256)
def to_html(markdown: str) -> str:
    """Render a text, once it is known to be simple enough. Texts of forms are public, so they may be remembered.

    :raises MarkupRefused: with the line, counted from 0 in this text
    """
    for token, line in _tokens(markdown):
        kind = token.type.removesuffix("_open").removesuffix("_close")
        if kind not in _ALLOWED:
            raise MarkupRefused(_NAMES.get(kind, kind), line)
    return str(_WRITER.render(markdown))


def _tokens(markdown: str) -> Iterator[tuple[Token, int]]:
    env: dict[str, object] = {}
    blocks = _READER.parse(markdown, env)
    # "[word]: address" alone is a line that is hashed and never shown.
    if env.get("references"):
        raise MarkupRefused("a link", 0)
    for block in blocks:
        line = block.map[0] if block.map else 0
        yield block, line
        for token in block.children or ():
            yield token, line
            # Tokens inside a paragraph carry no line: count the breaks that were passed.
            line += token.type == "softbreak"
