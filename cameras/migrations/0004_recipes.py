"""The fast engine's recipes. Groups that had the only recipe there was go on to the new default.

Both answer in one embedding space, so everybody who is enrolled is still known.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F

OLD = "reference.0.fp32"
NEW = "fast.640.int8"


def to_the_new_default(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    alias = schema_editor.connection.alias
    apps.get_model("cameras", "CameraGroup").objects.using(alias).filter(recipe=OLD).update(recipe=NEW)
    _registry_changed(apps, alias)


def back_to_the_only_one(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    alias = schema_editor.connection.alias
    apps.get_model("cameras", "CameraGroup").objects.using(alias).exclude(recipe=OLD).update(recipe=OLD)
    _registry_changed(apps, alias)


def _registry_changed(apps: StateApps, alias: str) -> None:
    """Processes that run already read the groups anew."""
    apps.get_model("cameras", "Epoch").objects.using(alias).filter(name="registry").update(number=F("number") + 1)


class Migration(migrations.Migration):
    dependencies = [
        ("cameras", "0003_camera_skips_unchanged"),
    ]

    operations = [
        migrations.AlterField(
            model_name="cameragroup",
            name="recipe",
            field=models.CharField(
                choices=[
                    (
                        "fast.320.int8",
                        "Fast: faces from 120 px in a photo 1920 px wide (detector side 320), rounded arithmetic on nodes that gain by it (int8)",
                    ),
                    (
                        "fast.480.int8",
                        "Fast: faces from 80 px in a photo 1920 px wide (detector side 480), rounded arithmetic on nodes that gain by it (int8)",
                    ),
                    (
                        "fast.640.int8",
                        "Fast: faces from 60 px in a photo 1920 px wide (detector side 640), rounded arithmetic on nodes that gain by it (int8)",
                    ),
                    (
                        "fast.960.int8",
                        "Fast: faces from 40 px in a photo 1920 px wide (detector side 960), rounded arithmetic on nodes that gain by it (int8)",
                    ),
                    (
                        "fast.320.fp32",
                        "Fast: faces from 120 px in a photo 1920 px wide (detector side 320), exact arithmetic (fp32)",
                    ),
                    (
                        "fast.480.fp32",
                        "Fast: faces from 80 px in a photo 1920 px wide (detector side 480), exact arithmetic (fp32)",
                    ),
                    (
                        "fast.640.fp32",
                        "Fast: faces from 60 px in a photo 1920 px wide (detector side 640), exact arithmetic (fp32)",
                    ),
                    (
                        "fast.960.fp32",
                        "Fast: faces from 40 px in a photo 1920 px wide (detector side 960), exact arithmetic (fp32)",
                    ),
                    ("reference.0.fp32", "Reference: face_recognition, full size"),
                ],
                default="fast.640.int8",
                max_length=40,
            ),
        ),
        migrations.RunPython(to_the_new_default, back_to_the_only_one),
    ]
