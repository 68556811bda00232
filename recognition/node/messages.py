"""The messages that nodes exchange with the rest, as typed MessagePack. What does not fit its type is refused.

Everything in an `Answer` depends on the photo and the recipe alone, so it may be cached under the digest.
"""

from enum import StrEnum

import msgspec

from recognition.node.admission import MOST_PRIORITY

EMBEDDING_BYTES = 512  # 128 float32, little-endian
SCENE_BYTES = 64 * 36  # a grey picture


class Purpose(StrEnum):
    CAMERA = "camera"
    IDENTIFY = "identify"
    ENROL = "enrol"


class Face(msgspec.Struct, frozen=True, array_like=True):
    """One face on a photo.

    box: left, top, width, height in pixels of the photo. landmarks: five x, y pairs in pixels, flattened
    (left eye's corners, right eye's corners, base of the nose). score: the detector's certainty, 0 to 1.
    quality: 0 to 1, the least of `quality_parts`. embedding: 128 little-endian float32. thumbnail: JPEG.
    """

    box: tuple[int, int, int, int]
    landmarks: tuple[float, ...]
    score: float
    quality: float
    quality_parts: dict[str, float]
    embedding: bytes
    thumbnail: bytes


class Recognition(msgspec.Struct, frozen=True, array_like=True, tag="recognition"):
    """What the recognition program saw on a photo of `width_px` x `height_px`.

    space names the embedding space: only embeddings of one space may be compared. scene: the photo's signature for the
    change test, SCENE_BYTES long, empty where the recognition program makes none.
    """

    engine_id: str
    space: str
    width_px: int
    height_px: int
    took_us: int
    faces: list[Face]
    scene: bytes


class Unreadable(msgspec.Struct, frozen=True, array_like=True, tag="unreadable"):
    """The photo's bytes are no picture that can be read; `reason` says why in plain words."""

    reason: str


class Failure(msgspec.Struct, frozen=True, array_like=True, tag="failure"):
    """No answer about the photo: recognition itself failed. Never cached."""

    reason: str


class Expiry(msgspec.Struct, frozen=True, array_like=True, tag="expiry"):
    """The snapshot's deadline passed before a node had answered. Never cached."""


class Unchanged(msgspec.Struct, frozen=True, array_like=True, tag="unchanged"):
    """The camera's scene is that of the snapshot `of`, so the faces are its faces. Never cached."""

    of: str


Answer = Recognition | Unreadable
Ending = Recognition | Unreadable | Unchanged | Failure | Expiry


class SceneReference(msgspec.Struct, frozen=True, array_like=True):
    """A camera's newest recognised snapshot: what the next ones are compared with.

    of: its id. signature: `Recognition.scene` of its answer.
    """

    of: str
    captured_at_ms: int
    signature: bytes


class Job(msgspec.Struct, frozen=True, array_like=True):
    """What a worker is asked to do; the photo travels beside it in a field of its own.

    answer_ttl_s: how long the node may keep the answer. time_left_ms: how long the snapshot that it was queued for had
    then before it expires; those that joined may have more time. scene: what the photo may be a repetition of.
    """

    digest: str
    recipe: str
    purpose: Purpose
    answer_ttl_s: int
    time_left_ms: int
    scene: SceneReference | None = None


class SnapshotRef(msgspec.Struct, frozen=True, array_like=True):
    """An accepted snapshot, as the hub's ledger and hit stream keep it. Times are milliseconds since 1970.

    camera is the camera's database id, 0 for a photo that no camera sent. recipe is what its group asks for.
    may_repeat: if the scene is unchanged, the camera's earlier snapshot may be the answer. priority: 0 to 9, see
    `admission`.
    """

    id: str
    camera: int
    purpose: Purpose
    digest: str
    recipe: str
    captured_at_ms: int
    received_at_ms: int
    deadline_ms: int
    may_repeat: bool = False
    priority: int = MOST_PRIORITY


def job_for(ref: SnapshotRef, recipe: str, answer_ttl_s: int, now_ms: int, scene: SceneReference | None = None) -> Job:
    """recipe: what the node is asked for, which may be the exact twin of the snapshot's. now_ms: by the hub's clock."""
    return Job(ref.digest, recipe, ref.purpose, answer_ttl_s, ref.deadline_ms - now_ms, scene)


_encoder = msgspec.msgpack.Encoder()
encode = _encoder.encode
decode_answer = msgspec.msgpack.Decoder(Answer).decode
decode_ending = msgspec.msgpack.Decoder(Ending).decode
decode_job = msgspec.msgpack.Decoder(Job).decode
decode_scene_reference = msgspec.msgpack.Decoder(SceneReference).decode
decode_ref = msgspec.msgpack.Decoder(SnapshotRef).decode
