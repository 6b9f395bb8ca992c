"""A code to scan, drawn on the server."""

import qrcode
import qrcode.image.svg
from django.utils.safestring import SafeString, mark_safe


def qr_svg(text: str, *, border: int = 2) -> SafeString:
    """`text` as a QR code: inline SVG that takes the size of its box and is hidden from readers of screens.
    `border` is the quiet zone in modules: 4 on paper."""
    image = qrcode.make(text, image_factory=qrcode.image.svg.SvgPathImage, border=border)
    drawn = image.to_string(encoding="unicode")
    return mark_safe(drawn.replace("<svg ", '<svg aria-hidden="true" ', 1))
