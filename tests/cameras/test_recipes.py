"""What groups may ask for, and what becomes of those that asked before there was a choice."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import translation

from cameras import epochs
from cameras.models import CameraGroup
from cameras.recipes import DEFAULT_RECIPE, RECIPE_CHOICES
from cameras.registry import Registry
from recognition.recipe import Recipe

migration = import_module("cameras.migrations.0004_recipes")


def groups_asking_for(*recipes: str) -> None:
    for number, recipe in enumerate(recipes):
        CameraGroup.objects.create(slug=f"group-{number}", name=f"Group {number}", recipe=recipe)


def recipes() -> list[str]:
    return list(CameraGroup.objects.order_by("slug").values_list("recipe", flat=True))


def test_every_choice_is_a_recipe_and_the_default_is_one_of_them() -> None:
    texts = [text for text, _ in RECIPE_CHOICES]
    assert [str(Recipe.parse(text)) for text in texts] == texts
    assert DEFAULT_RECIPE in texts


def test_a_choice_names_the_smallest_face_that_it_finds() -> None:
    label = dict(RECIPE_CHOICES)["fast.480.int8"]
    with translation.override("en"):
        assert str(label).startswith("Fast: faces from 80 px in a photo 1920 px wide")


@pytest.mark.django_db
def test_groups_with_the_old_default_get_the_new_one() -> None:
    groups_asking_for("reference.0.fp32", "fast.320.fp32")
    migration.to_the_new_default(apps, connection.schema_editor())
    assert recipes() == [DEFAULT_RECIPE, "fast.320.fp32"]


@pytest.mark.django_db
def test_going_back_leaves_only_the_recipe_that_there_was() -> None:
    groups_asking_for(DEFAULT_RECIPE, "fast.320.fp32")
    migration.back_to_the_only_one(apps, connection.schema_editor())
    assert set(recipes()) == {"reference.0.fp32"}


@pytest.mark.django_db
def test_the_migration_tells_running_processes() -> None:
    groups_asking_for("reference.0.fp32")
    before = epochs.current(epochs.REGISTRY)
    migration.to_the_new_default(apps, connection.schema_editor())
    assert epochs.current(epochs.REGISTRY) == before + 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "everyone"),
    [
        ([], DEFAULT_RECIPE),
        (["fast.320.int8", "reference.0.fp32"], DEFAULT_RECIPE),
        (["reference.0.fp32"], "reference.0.fp32"),
    ],
    ids=["no group", "one of its engine", "none of its engine"],
)
def test_a_photo_that_no_camera_sent_asks_for_the_default_where_its_engine_is_used(
    asked: list[str], everyone: str
) -> None:
    groups_asking_for(*asked)
    assert Registry.load().everyone.recipe == everyone
