"""Photos made anew from their pixels: what else was in the file (place, camera, hidden data) is gone."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from bihuan.base.files.kinds import NotTakenError

MOST_PIXELS = 60_000_000
LONGEST_SIDE = 2560
THUMBNAIL_SIDE = 480
FORMATS = ("JPEG", "PNG", "WEBP")  # the JPEG reader takes the MPO of double-lens phones too


@dataclass(frozen=True)
class Picture:
    """A photo as it is kept, and a small one of it."""

    content: bytes
    thumbnail: bytes
    ending: str
    content_type: str
    width: int
    height: int


def remade(content: bytes, name: str) -> Picture:
    """The photo turned upright, at most 2560 pixels long. Raises ``NotTakenError`` when it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _remade(content, name)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as exc:
        raise _too_large(name) from exc
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as exc:
        if isinstance(exc, NotTakenError):
            raise
        raise NotTakenError(
            _("The photo “%(name)s” is damaged or incomplete. Take it again, or send it again.")
            % {"name": name}
        ) from exc


def _remade(content: bytes, name: str) -> Picture:
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:  # known from the head, before anything is unpacked
            raise _too_large(name)
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(opened)
        clear = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
        pixels = upright.convert("RGBA" if clear else "RGB")
    pixels.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    small = pixels.convert("RGB") if not clear else _on_white(pixels)
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    ending, content_type = ("png", "image/png") if clear else ("jpg", "image/jpeg")
    return Picture(
        _encoded(pixels, ending), _encoded(small, "jpg"), ending, content_type, pixels.width, pixels.height
    )


def _on_white(pixels: Image.Image) -> Image.Image:
    ground = Image.new("RGB", pixels.size, "white")
    ground.paste(pixels, mask=pixels.getchannel("A"))
    return ground


def _encoded(pixels: Image.Image, ending: str) -> bytes:
    target = io.BytesIO()
    bare = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())  # carries no info from the source
    if ending == "png":
        bare.save(target, "PNG", optimize=True)
    else:
        bare.save(target, "JPEG", quality=85, optimize=True, progressive=True)
    return target.getvalue()


def _too_large(name: str) -> NotTakenError:
    return NotTakenError(
        _("The photo “%(name)s” has more than %(most)s million pixels. Send a smaller one.")
        % {"name": name, "most": MOST_PIXELS // 1_000_000}
    )
