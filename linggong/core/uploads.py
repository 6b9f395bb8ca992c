"""Photos that people hand in: checked, made small, stripped of all the camera wrote, randomly named."""

import contextlib
import io
import secrets
from pathlib import Path

import puremagic
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from linggong.core.refusals import Refused

BYTES_MAX = 5 * 1024 * 1024
PIXELS_MAX = 40_000_000  # a 40-megapixel photo opens in about 120 MB; more is a flood, not a paper
SIDE_MAX = 1280
KINDS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


class BadPhoto(Refused):
    """The bytes are no photo that can be kept."""

    message = _("这张照片打不开，请重新拍一张")
    status = 422


class PhotoTooBig(BadPhoto):
    """More bytes or more pixels than a paper needs."""

    message = _("照片太大了，最多 5 兆。请用手机相机的普通画质重新拍一张")


class NoRoomForPhoto(Refused):
    """The disk refused. Nothing is kept, nothing has changed."""

    message = _("照片暂时存不下，请过一会儿再试，或到窗口办")
    status = 507


def keep_image(data: bytes, folder: str) -> str:
    """Keep a photo as JPEG of at most 1280 px a side and return its path below MEDIA_ROOT.

    The file is written anew from the pixels, so position, camera and anything hidden behind them are gone.
    Raises BadPhoto, PhotoTooBig, NoRoomForPhoto.
    """
    if not folder.isidentifier():
        raise ValueError("folder is one plain name")
    small = _redraw(data)
    path = Path(folder) / f"{secrets.token_hex(16)}.jpg"
    target = Path(settings.MEDIA_ROOT) / path
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(small)
    except OSError as error:
        with contextlib.suppress(OSError):
            target.unlink(missing_ok=True)
        raise NoRoomForPhoto from error
    return path.as_posix()


def open_image(path: str) -> bytes:
    """The kept photo. Raises FileNotFoundError, also for a path that leads out of MEDIA_ROOT."""
    root = Path(settings.MEDIA_ROOT).resolve()
    target = (root / path).resolve()
    if not path or root not in target.parents:
        raise FileNotFoundError(path)
    return target.read_bytes()


def forget_image(path: str) -> None:
    """Erase a kept photo; one that is gone is no error. Call it after the row that named it is committed."""
    root = Path(settings.MEDIA_ROOT).resolve()
    target = (root / path).resolve()
    if path and root in target.parents:
        target.unlink(missing_ok=True)


def _redraw(data: bytes) -> bytes:
    if not data:
        raise BadPhoto(_("还没选照片，请拍一张或选一张"))
    if len(data) > BYTES_MAX:
        raise PhotoTooBig
    kind = KINDS.get(_looks_like(data))
    if kind is None:
        raise BadPhoto(_("只收照片（JPG 或 PNG）。如果是文件，请打开后截图再传"))
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as probe:
            if probe.width * probe.height > PIXELS_MAX:
                raise PhotoTooBig
            probe.verify()
        with Image.open(io.BytesIO(data), formats=[kind]) as photo:
            photo.draft("RGB", (SIDE_MAX * 2, SIDE_MAX * 2))  # a JPEG is decoded small, never at full size
            upright = ImageOps.exif_transpose(photo)
            upright.thumbnail((SIDE_MAX, SIDE_MAX))
            clean = _on_white(upright)
    except Image.DecompressionBombError as error:
        raise PhotoTooBig from error
    except (OSError, ValueError, SyntaxError) as error:
        raise BadPhoto from error
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=85)
    return out.getvalue()


def _looks_like(data: bytes) -> str:
    """The type by its first bytes, whatever the file was called."""
    try:
        return puremagic.from_string(data, mime=True)
    except (puremagic.PureError, ValueError):
        return ""


def _on_white(image: Image.Image) -> Image.Image:
    """A new picture with the pixels and nothing else; see-through parts become white, as on paper."""
    seen = image.convert("RGBA")
    clean = Image.new("RGB", seen.size, "white")
    clean.paste(seen, mask=seen.getchannel("A"))
    return clean
