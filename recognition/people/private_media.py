"""Photos of people as responses: never shared, never anything but a photo."""

from django.http import HttpResponse

UNKNOWN_TYPE = "application/octet-stream"


def photo_type(photo: bytes) -> str:
    """By its bytes, whatever anyone says."""
    if photo.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if photo.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if photo[:4] == b"RIFF" and photo[8:12] == b"WEBP":
        return "image/webp"
    return UNKNOWN_TYPE


def private_photo(photo: bytes, cache_s: int = 0) -> HttpResponse:
    """`photo` for the one who asked: kept by the browser for `cache_s` at most, run by it never."""
    response = HttpResponse(photo, content_type=photo_type(photo))
    response["Cache-Control"] = f"private, max-age={cache_s}" if cache_s else "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
