"""Who may do what. Five roles, each a Django group of that name; a user may hold several.

`ROLE_RIGHTS` rules the product's own pages, `ROLE_PERMISSIONS` the admin. Both are tables: a role's row is its whole
truth, and `cameras.role_permissions` makes the database agree with it after each migration.
"""

from collections.abc import Mapping
from enum import StrEnum


class Right(StrEnum):
    WATCH = "watch"
    UPLOAD = "upload"
    ENROL = "enrol"
    AUDIT = "audit"
    ADMINISTER = "administer"


VIEWER = "viewer"
OPERATOR = "operator"
ENROLLER = "enroller"
AUDITOR = "auditor"
ADMINISTRATOR = "administrator"

ROLE_RIGHTS: Mapping[str, frozenset[Right]] = {
    VIEWER: frozenset({Right.WATCH}),
    OPERATOR: frozenset({Right.WATCH, Right.UPLOAD}),
    ENROLLER: frozenset({Right.WATCH, Right.ENROL}),
    AUDITOR: frozenset({Right.WATCH, Right.AUDIT}),
    ADMINISTRATOR: frozenset(Right),
}
ROLES = tuple(ROLE_RIGHTS)
SEES_ALL_GROUPS = frozenset({Right.AUDIT, Right.ADMINISTER})  # either is enough

# Words of Django's default permissions, parted by spaces.
_WATCHES = {"sightings.sighting": "view", "alerts.alert": "view", "alerts.systemalert": "view"}
ROLE_PERMISSIONS: Mapping[str, Mapping[str, str]] = {
    VIEWER: _WATCHES,
    OPERATOR: _WATCHES | {"alerts.alert": "view change"},
    ENROLLER: _WATCHES
    | {
        "people.person": "view add change delete",
        "people.membership": "view add change delete",
        "people.template": "view add delete",
        "people.watchlist": "view",
    },
    AUDITOR: _WATCHES
    | {
        "sightings.outcome": "view",
        "people.person": "view",
        "people.membership": "view",
        "people.template": "view",
        "people.watchlist": "view",
        "alerts.alertrule": "view",
        "intake.apikey": "view",
        "intake.identifyrecord": "view",
        "cameras.cameragroup": "view",
        "cameras.camera": "view",
        "cameras.node": "view",
        "cameras.assignment": "view",
        "auth.user": "view",
    },
    ADMINISTRATOR: {
        "sightings.sighting": "view delete",
        "sightings.outcome": "view",
        "people.person": "view add change delete",
        "people.membership": "view add change delete",
        "people.template": "view add delete",
        "people.watchlist": "view add change delete",
        "alerts.alert": "view change delete",
        "alerts.systemalert": "view",
        "alerts.alertrule": "view add change delete",
        "intake.apikey": "view add change delete",
        "intake.identifyrecord": "view",
        "cameras.cameragroup": "view add change delete",
        "cameras.camera": "view add change delete",
        "cameras.node": "view add change delete",
        "cameras.assignment": "view add change delete",
        "auth.user": "view add change delete",
        "auth.group": "view",
    },
}
