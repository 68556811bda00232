"""What a sender asks with a request to the snapshot route."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_datetime

from recognition.intake.body import Scope, too_large
from recognition.intake.problems import Problem

LONGEST_WAIT_S = 30.0
CLOCK_AHEAD = timedelta(minutes=5)
MULTIPART_OVERHEAD_BYTES = 64_000
LONGEST_IDEMPOTENCY_KEY = 255


@dataclass(frozen=True, slots=True)
class Headers:
    """The few headers that the snapshot route looks at."""

    authorization: str = ""
    content_type: str = ""
    content_length: str = ""
    captured_at: str = ""
    idempotency_key: str = ""

    @classmethod
    def of(cls, scope: Scope) -> "Headers":
        found: dict[str, str] = {}
        for name, value in scope["headers"]:
            if attribute := _ATTRIBUTES.get(name):
                found[attribute] = value.decode("latin-1")
        return cls(**found)


_ATTRIBUTES = {
    b"authorization": "authorization",
    b"content-type": "content_type",
    b"content-length": "content_length",
    b"x-captured-at": "captured_at",
    b"idempotency-key": "idempotency_key",
}


def bearer_token(headers: Headers) -> str:
    """The token of `Authorization: Bearer TOKEN`; empty if there is none."""
    kind, _, token = headers.authorization.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def body_limit_bytes(headers: Headers) -> int:
    """The most bytes that the body may have; Problem 413 if it says itself that it has more."""
    limit: int = settings.PHOTO_LIMIT_BYTES
    if _is_multipart(headers):
        limit += MULTIPART_OVERHEAD_BYTES
    if headers.content_length.isdigit() and int(headers.content_length) > limit:
        raise too_large(settings.PHOTO_LIMIT_BYTES)
    return limit


def wait_s(query_string: bytes) -> float:
    """Seconds of `?wait=`, 0 without it."""
    if not query_string:
        return 0.0
    values = parse_qs(query_string.decode("latin-1")).get("wait")
    if not values:
        return 0.0
    try:
        seconds = float(values[-1])
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_WAIT_S:
        raise Problem(422, f"wait is a number of seconds from 0 to {LONGEST_WAIT_S:.0f}.")
    return seconds


def photo_and_time(headers: Headers, body: bytes) -> tuple[bytes, str]:
    """The photo's bytes and what the sender says of when it was taken ('' for nothing)."""
    if not body:
        raise Problem(422, "The body is empty: send the photo as the body or as the multipart field image.")
    if not _is_multipart(headers):
        return _checked(body), headers.captured_at
    fields, files = _multipart(headers, body)
    image = files.get("image")
    if image is None:
        raise Problem(422, "The multipart body has no file in the field image.")
    photo = image.read()
    if not photo:
        raise Problem(422, "The file in the field image is empty.")
    return _checked(photo), fields.get("captured_at") or headers.captured_at


def _checked(photo: bytes) -> bytes:
    if len(photo) > settings.PHOTO_LIMIT_BYTES:
        raise too_large(settings.PHOTO_LIMIT_BYTES)
    return photo


def captured_at_ms(text: str, received_at_ms: int) -> int:
    """Milliseconds since 1970; the time of receipt when nothing is said. Problem 422 for a time that cannot be."""
    if not text:
        return received_at_ms
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Problem(422, "captured_at is not a time of RFC 3339, such as 2026-01-31T09:30:00Z.")
    if moment > datetime.fromtimestamp(received_at_ms / 1000, UTC) + CLOCK_AHEAD:
        raise Problem(422, "captured_at is more than 5 minutes in the future: check the camera's clock.")
    return max(0, round(moment.timestamp() * 1000))


def idempotency_key(headers: Headers) -> str:
    key = headers.idempotency_key
    if len(key) > LONGEST_IDEMPOTENCY_KEY:
        raise Problem(422, f"Idempotency-Key has at most {LONGEST_IDEMPOTENCY_KEY} characters.")
    return key


def _is_multipart(headers: Headers) -> bool:
    return headers.content_type.lower().startswith("multipart/form-data")


def _multipart(headers: Headers, body: bytes) -> "tuple[QueryDict, MultiValueDict[str, Any]]":
    described = {"CONTENT_TYPE": headers.content_type, "CONTENT_LENGTH": str(len(body))}
    handler = MemoryFileUploadHandler()
    try:
        return MultiPartParser(described, BytesIO(body), [handler]).parse()
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise Problem(422, f"The multipart body cannot be read: {error}") from None
