"""Who may see enrolled faces: people stand in no camera group, so rights alone decide."""

from cameras.roles import Right
from cameras.scope import Scope

SEES_PEOPLE = frozenset({Right.ENROL, Right.AUDIT, Right.ADMINISTER})  # any is enough


def sees_people(scope: Scope) -> bool:
    return not SEES_PEOPLE.isdisjoint(scope.rights)
