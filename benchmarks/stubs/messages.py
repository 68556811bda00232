"""Encoded answers, as a worker would have stored them."""

from functools import lru_cache

from benchmarks.photos import HEIGHT_PX, WIDTH_PX
from benchmarks.stubs.recognizer import ENGINE_ID, SPACE, face
from recognition.node.messages import Face, Recognition, encode


@lru_cache(maxsize=1)
def one_face() -> bytes:
    seen = face()
    message = Face(
        box=seen.box,
        landmarks=tuple(float(value) for value in seen.landmarks.ravel()),
        score=seen.score,
        quality=seen.quality,
        quality_parts=seen.quality_parts,
        embedding=seen.embedding.astype("<f4").tobytes(),
        thumbnail=seen.thumbnail,
    )
    return encode(Recognition(ENGINE_ID, SPACE, WIDTH_PX, HEIGHT_PX, 0, [message], b""))


@lru_cache(maxsize=1)
def no_face() -> bytes:
    return encode(Recognition(ENGINE_ID, SPACE, WIDTH_PX, HEIGHT_PX, 0, [], b""))
