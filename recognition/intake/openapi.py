"""The snapshot route's part of the OpenAPI document, which django-ninja cannot see."""

from typing import Any

_PICTURE = {"schema": {"type": "string", "format": "binary"}}

PHOTO_BODY: dict[str, Any] = {
    "required": True,
    "description": "A JPEG, PNG or WebP picture of at most 10 MB and 50 megapixels; fewer where reading it takes over "
    "300 MB of memory, such as WebP above 43 megapixels.",
    "content": {
        "image/jpeg": _PICTURE,
        "image/png": _PICTURE,
        "image/webp": _PICTURE,
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["image"],
                "properties": {
                    "image": {"type": "string", "format": "binary"},
                    "captured_at": {"type": "string", "format": "date-time"},
                },
            }
        },
    },
}

_PROBLEMS = {
    401: "No token, or a wrong or revoked one",
    403: "The camera is disabled",
    408: "The body did not arrive in time",
    409: "The first request with this Idempotency-Key is still being answered: try again after Retry-After seconds; "
    "5 s after it at most its answer is there, even if its connection broke",
    413: "More than 10 MB",
    415: "Not a JPEG, PNG or WebP picture, going by its bytes",
    422: "An unreadable, empty or too large picture, or a captured_at that cannot be",
    500: "The server or the recognition failed; with ?wait only",
    503: "The queues are full, no node of the group answers, or the hub does not: try again after Retry-After seconds. "
    "Where the hub does not answer the snapshot may have been accepted all the same, and then has its outcome as any "
    "other; so does one whose connection broke. Sent again with the same Idempotency-Key it is no second snapshot",
    504: "The snapshot expired; with ?wait only",
}


def _reply(description: str, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _parameter(name: str, place: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": place, "required": False, "description": description, "schema": schema}


SNAPSHOTS_PATH: dict[str, Any] = {
    "post": {
        "operationId": "post_snapshot",
        "summary": "Send a snapshot",
        "description": "200 when a node's cache had the answer, 202 when the photo is in work.",
        "security": [{"CameraToken": []}],
        "parameters": [
            _parameter(
                "wait", "query", "seconds to wait for the outcome", {"type": "number", "minimum": 0, "maximum": 30}
            ),
            _parameter(
                "X-Captured-At",
                "header",
                "when the photo was taken; the time of receipt without it",
                {"type": "string", "format": "date-time"},
            ),
            _parameter(
                "Idempotency-Key",
                "header",
                "repeats the first answer for 10 minutes, also where that never arrived. Without it, a photo that is "
                "sent again after a 503 or a broken connection may be recorded twice",
                {"type": "string", "maxLength": 255},
            ),
        ],
        "requestBody": PHOTO_BODY,
        "responses": {
            "200": _reply("Answered", "Snapshot"),
            "202": _reply("In work", "Snapshot"),
            **{str(status): _reply(text, "Detail") for status, text in _PROBLEMS.items()},
        },
    }
}
