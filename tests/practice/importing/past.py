"""Files with past notes, as practices have them."""

import io
import zipfile
from collections.abc import Mapping
from html import escape

CANARY = "Zaunkönig-8813"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def zipped(files: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Put files into a ZIP."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def docx(*paragraphs: str, extra: str = "", head: str = "") -> bytes:
    """Write a DOCX file of these paragraphs; `extra` is WordprocessingML behind them."""
    body = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in paragraphs)
    document = f'<?xml version="1.0"?>{head}<w:document {_W}><w:body>{body}{extra}</w:body></w:document>'
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": document})
