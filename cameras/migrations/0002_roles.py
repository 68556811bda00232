"""The five roles. What each may do is applied after every migration, from the tables in cameras/roles.py."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ROLES = ("viewer", "operator", "enroller", "auditor", "administrator")


def make_roles(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.using(schema_editor.connection.alias).get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("cameras", "0001_initial"),
    ]

    # Going back leaves the roles: deleting them would lose who held which.
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
