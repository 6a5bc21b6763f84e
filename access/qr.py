"""QR codes as one SVG path: drawn into the page, so nothing is fetched and nothing needs a style."""

from dataclasses import dataclass

import segno


@dataclass(frozen=True)
class QrCode:
    """The dark modules as path data, in a square of `size` modules a side."""

    path: str
    size: int


def draw_qr(text: str) -> QrCode:
    """Draw a QR code (ISO/IEC 18004). The quiet zone around it is the sheet's padding."""
    matrix = segno.make(text, micro=False).matrix
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    return QrCode(path, len(matrix))
