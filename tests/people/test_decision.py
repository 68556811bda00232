"""Whether a face is somebody's, decided from one photo, and the reasons that are given."""

from dataclasses import replace

import numpy as np
import pytest
from pytest_django import Settings

from recognition.node.messages import Face
from recognition.people.block import Block
from recognition.people.decision import Decision, PhotoFaces, Verdict, decide
from recognition.people.embeddings import SPACE, Float32
from recognition.people.index import Enrolled, Gallery, ListedRules
from tests.faces import at_distance, face, vector

ADA, BOB = 7, 8


def gallery_of(
    *templates: tuple[int, Float32],
    watchlists_of: dict[int, tuple[int, ...]] | None = None,
    watchlists: dict[int, ListedRules] | None = None,
) -> Gallery:
    person_ids, embeddings = zip(*templates, strict=True)
    block = Block.of(np.stack(embeddings), np.array(person_ids, np.int64), np.zeros(len(templates), np.bool_))
    return Gallery.of(1, Enrolled(watchlists_of=watchlists_of or {}, templates=block), watchlists or {})


def decided(gallery: Gallery, *faces: Face, threshold: float | None = None, space: str = SPACE) -> list[Decision]:
    (decisions,) = decide(gallery, [PhotoFaces(faces, space, threshold)])
    return decisions


def verdict_at(distance: float, gallery: Gallery, threshold: float | None = None) -> Verdict:
    """Of a face at that distance from Ada."""
    return decided(gallery, face(at_distance(vector(1), distance)), threshold=threshold)[0].verdict


def test_a_near_face_is_known_and_the_reasons_are_told() -> None:
    (one,) = decided(gallery_of((ADA, vector(1)), (BOB, vector(2))), face(at_distance(vector(1), 0.38), quality=0.5))
    assert (one.verdict, one.person_id) == (Verdict.KNOWN, ADA)
    assert one.distance == pytest.approx(0.38, abs=1e-3)
    assert one.runner_up is not None
    assert one.runner_up.person_id == BOB
    assert one.next_distance == pytest.approx(1.4, abs=0.2)
    assert (one.threshold, one.quality) == (0.6, 0.5)


def test_a_face_beyond_the_threshold_is_a_stranger_and_the_nearest_person_is_told() -> None:
    (one,) = decided(gallery_of((ADA, vector(1))), face(at_distance(vector(1), 0.61)))
    assert (one.verdict, one.person_id) == (Verdict.STRANGER, None)
    assert one.nearest is not None
    assert one.nearest.person_id == ADA
    assert one.distance == pytest.approx(0.61, abs=1e-3)


def test_with_nobody_enrolled_every_face_is_a_strangers() -> None:
    (one,) = decided(Gallery(1), face(vector(1)))
    assert (one.verdict, one.distance, one.next_distance) == (Verdict.STRANGER, None, None)


def test_in_another_space_every_face_is_a_strangers() -> None:
    (one,) = decided(gallery_of((ADA, vector(1))), face(vector(1)), space="other-space")
    assert (one.verdict, one.nearest) == (Verdict.STRANGER, None)


class TestThreshold:
    def test_the_cameras_own_goes_before_the_usual_one(self) -> None:
        known = gallery_of((ADA, vector(1)))
        assert verdict_at(0.45, known, threshold=0.4) is Verdict.STRANGER
        assert verdict_at(0.65, known, threshold=0.7) is Verdict.KNOWN

    def test_a_watchlists_own_goes_before_the_cameras(self) -> None:
        known = gallery_of((ADA, vector(1)), watchlists_of={ADA: (1,)}, watchlists={1: ListedRules(0.5)})
        assert verdict_at(0.45, known, threshold=0.4) is Verdict.KNOWN
        assert verdict_at(0.55, known, threshold=0.7) is Verdict.STRANGER

    def test_of_several_watchlists_the_strictest_wins(self) -> None:
        lists = {1: ListedRules(0.7), 2: ListedRules(0.5), 3: ListedRules(None)}
        known = gallery_of((ADA, vector(1)), watchlists_of={ADA: (1, 2, 3)}, watchlists=lists)
        assert known.threshold_of(ADA) == 0.5

    def test_a_watchlist_without_one_leaves_it_to_the_camera(self) -> None:
        known = gallery_of((ADA, vector(1)), watchlists_of={ADA: (1,)}, watchlists={1: ListedRules(None)})
        assert verdict_at(0.45, known, threshold=0.4) is Verdict.STRANGER

    def test_one_persons_watchlist_says_nothing_about_another(self) -> None:
        known = gallery_of((ADA, vector(1)), watchlists_of={BOB: (1,)}, watchlists={1: ListedRules(0.1)})
        assert verdict_at(0.5, known) is Verdict.KNOWN


class TestMargin:
    def test_a_face_about_as_near_to_a_second_person_is_nobodys(self) -> None:
        probe = vector(1)
        known = gallery_of((ADA, at_distance(probe, 0.40, 2)), (BOB, at_distance(probe, 0.44, 3)))
        (one,) = decided(known, face(probe))
        assert (one.verdict, one.person_id) == (Verdict.AMBIGUOUS, None)
        assert one.nearest is not None
        assert one.nearest.person_id == ADA

    def test_a_second_template_of_the_same_person_is_no_rival(self) -> None:
        probe = vector(1)
        known = gallery_of((ADA, at_distance(probe, 0.40, 2)), (ADA, at_distance(probe, 0.41, 3)))
        assert decided(known, face(probe))[0].person_id == ADA

    def test_a_margin_of_nothing_asks_for_none(self, settings: Settings) -> None:
        settings.MALLVISION_MATCH_MARGIN = 0.0
        probe = vector(1)
        known = gallery_of((ADA, at_distance(probe, 0.40, 2)), (BOB, at_distance(probe, 0.41, 3)))
        assert decided(known, face(probe))[0].person_id == ADA


class TestQuality:
    @pytest.mark.parametrize(
        ("parts", "verdict"),
        [
            ({"size": 0.9, "sharpness": 0.38}, Verdict.POOR),
            ({"size": 0.0, "sharpness": 0.9}, Verdict.POOR),
            ({"size": 0.1, "sharpness": 0.4}, Verdict.KNOWN),
            ({"size": 0.9, "sharpness": 0.9, "score": 0.1}, Verdict.KNOWN),
        ],
        ids=["blurred", "under 20 px", "small but sharp", "a low score"],
    )
    def test_a_face_that_cannot_be_told_from_others_is_too_poor(
        self, parts: dict[str, float], verdict: Verdict
    ) -> None:
        seen = face(vector(1), quality=min(parts.values()))
        seen = Face(seen.box, seen.landmarks, seen.score, seen.quality, parts, seen.embedding, seen.thumbnail)
        (one,) = decided(gallery_of((ADA, vector(1))), seen)
        assert one.verdict is verdict

    def test_too_poor_a_stranger_is_not_called_a_stranger(self) -> None:
        assert decided(Gallery(1), face(vector(1), quality=0.1))[0].verdict is Verdict.POOR

    def test_the_limit_is_a_setting(self, settings: Settings) -> None:
        settings.MALLVISION_QUALITY_LIMIT = 0.05
        assert decided(gallery_of((ADA, vector(1))), face(vector(1), quality=0.1))[0].verdict is Verdict.KNOWN


class TestOnePhoto:
    def test_the_nearest_of_two_faces_has_the_person(self) -> None:
        far, near = face(at_distance(vector(1), 0.4, 2)), face(at_distance(vector(1), 0.2, 3))
        decisions = decided(gallery_of((ADA, vector(1))), far, near)
        assert [one.verdict for one in decisions] == [Verdict.TAKEN, Verdict.KNOWN]
        assert [one.person_id for one in decisions] == [None, ADA]

    def test_of_two_equal_faces_one_has_the_person(self) -> None:
        decisions = decided(gallery_of((ADA, vector(1))), face(vector(1)), face(vector(1)))
        assert [one.person_id for one in decisions] == [ADA, None]

    def test_a_face_too_poor_takes_nobody(self) -> None:
        poor, good = face(vector(1), quality=0.1), face(at_distance(vector(1), 0.3))
        decisions = decided(gallery_of((ADA, vector(1))), poor, good)
        assert [one.verdict for one in decisions] == [Verdict.POOR, Verdict.KNOWN]

    def test_on_two_photos_both_are_the_person(self) -> None:
        photo = PhotoFaces([face(vector(1))], SPACE)
        decisions = decide(gallery_of((ADA, vector(1))), [photo, replace(photo, space="other-space"), photo])
        assert [one.person_id for (one,) in decisions] == [ADA, None, ADA]
