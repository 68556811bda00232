"""The text form of recipes, and which does for which."""

import pytest

from recognition.recipe import BadRecipe, Recipe, recipes_that_do


@pytest.mark.parametrize("text", ["fast.640.int8", "fast.320.fp32.enrol", "reference.0.fp32"])
def test_a_recipe_is_written_as_it_was_read(text: str) -> None:
    assert str(Recipe.parse(text)) == text


@pytest.mark.parametrize("text", ["", "fast", "fast.640", "fast.x.int8", "fast.640.int8.twice", ".640.int8"])
def test_what_is_no_recipe_is_refused(text: str) -> None:
    with pytest.raises(BadRecipe):
        Recipe.parse(text)


@pytest.mark.parametrize(
    ("asked", "do"),
    [
        ("fast.640.int8", ("fast.640.int8", "fast.640.fp32")),
        ("fast.640.fp32", ("fast.640.fp32",)),
        ("fast.640.fp32.enrol", ("fast.640.fp32.enrol",)),
        ("reference.0.fp32", ("reference.0.fp32",)),
        ("no recipe", ()),
    ],
)
def test_a_recipe_or_its_exact_twin_does(asked: str, do: tuple[str, ...]) -> None:
    assert recipes_that_do(asked) == do


def test_a_face_that_is_kept_is_recognised_exactly_and_with_its_mirror_image() -> None:
    assert str(Recipe.parse("fast.320.int8").for_enrolment) == "fast.320.fp32.enrol"
    assert str(Recipe.parse("reference.0.fp32").for_enrolment) == "reference.0.fp32"
