"""A picture that a client could have drawn."""

from io import BytesIO

from PIL import Image, ImageDraw


def paint(ground: str, *, house: str, sun: str) -> bytes:
    """Draw a house and a sun, as PNG."""
    image, drawn = Image.new("RGB", (640, 360), ground), BytesIO()
    draw = ImageDraw.Draw(image)
    draw.rectangle((330, 140, 520, 300), fill=house)
    draw.polygon(((310, 140), (425, 60), (540, 140)), fill=house)
    draw.ellipse((80, 50, 190, 160), fill=sun)
    image.save(drawn, "PNG")
    return drawn.getvalue()
