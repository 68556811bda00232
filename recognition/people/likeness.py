"""Whether a face to be enrolled is somebody else's already."""

from collections.abc import Iterator

from django.conf import settings

from recognition.people.embeddings import SPACE, Float32
from recognition.people.index import Gallery
from recognition.people.objections import Objection, Reason


def likeness(gallery: Gallery, person_id: int | None, embedding: Float32) -> Iterator[Objection]:
    """The nearest person other than `person_id`, if near enough to be taken for them. embedding: float32 (128,)."""
    (nearest,) = gallery.nearest(embedding[None], SPACE)
    for near in nearest:
        if near.person_id != person_id:
            if near.distance <= settings.MALLVISION_ENROL_LIKENESS:
                yield Objection(Reason.LOOKS_LIKE, {"distance": near.distance}, near.person_id)
            return
