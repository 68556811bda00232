"""Photos of people as responses: never shared, never anything but a photo."""

from typing import Literal

from django.http import HttpResponse

PhotoKind = Literal["jpeg", "png", "webp"]

UNKNOWN_TYPE = "application/octet-stream"


def photo_kind(photo: bytes) -> PhotoKind | None:
    """By its first bytes, whatever anyone says."""
    if photo.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if photo.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if photo[:4] == b"RIFF" and photo[8:12] == b"WEBP":
        return "webp"
    return None


def photo_type(photo: bytes) -> str:
    kind = photo_kind(photo)
    return f"image/{kind}" if kind else UNKNOWN_TYPE


def private_photo(photo: bytes, cache_s: int = 0) -> HttpResponse:
    """`photo` for the one who asked: kept by the browser for `cache_s` at most, run by it never."""
    response = HttpResponse(photo, content_type=photo_type(photo))
    response["Cache-Control"] = f"private, max-age={cache_s}" if cache_s else "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
