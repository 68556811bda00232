"""Every route of the product and who may use it: the table that test_routes.py holds the product to."""

from dataclasses import dataclass

V, O, E, A, ADMIN = "viewer", "operator", "enroller", "auditor", "administrator"
STAFF = {V, O, E, A, ADMIN}
NOBODY: set[str] = set()
EVERYONE = {"stranger", "roleless", *STAFF}


@dataclass(frozen=True, slots=True)
class Models:
    """A model in the admin: who may see its list and rows, and who may add, change and delete them."""

    view: set[str]
    add: set[str]
    delete: set[str]


PAGES: dict[str, set[str]] = {
    "": STAFF,
    "upload": {O, ADMIN},
    "credits": STAFF,
    "login": EVERYONE,
    "logout": NOBODY,  # answers POST alone, which any page sends with its token
    "healthz": EVERYONE,
    "favicon.ico": EVERYONE,
    "i18n/setlang/": EVERYONE,
    "media/cameras/<slug:slug>/newest": STAFF,
    "media/sightings/<int:sighting_id>/face": STAFF,
    "media/people/<int:template_id>/crop": {E, A, ADMIN},
    # The API knows tokens, not users: tests/intake holds these to theirs.
    "api/v1/": NOBODY,
    "api/v1/docs": EVERYONE,
    "api/v1/openapi.json": EVERYONE,
    "api/v1/snapshots/<id>": NOBODY,
    "api/v1/identify": NOBODY,
    # What the admin has for everyone who may enter it.
    "admin/": STAFF,
    "admin/login/": EVERYONE,
    "admin/logout/": {"stranger", "roleless"},  # led to the start; who is in signs out by POST alone
    "admin/search/": STAFF,
    "admin/password_change/": STAFF,
    "admin/password_change/done/": STAFF,
    "admin/autocomplete/": NOBODY,  # each use asks for the right to see that model; none is asked for here
    "admin/jsi18n/": STAFF,
    "admin/r/<path:content_type_id>/<path:object_id>/": NOBODY,  # no model has a page outside the admin
    "admin/^(?P<app_label>cameras|auth|people|sightings|alerts|intake)/$": {A, ADMIN},
    "admin/(?P<url>.*)$": NOBODY,
    "admin/auth/user/<id>/password/": {ADMIN},
    "admin/people/person/<path:object_id>/enrol/": {E, ADMIN},
    "admin/people/template/": {E, A, ADMIN},  # leads on to the people; a template has no page of its own
}

MODELS: dict[str, Models] = {
    "cameras/camera": Models({A, ADMIN}, {ADMIN}, {ADMIN}),
    "cameras/cameragroup": Models({A, ADMIN}, {ADMIN}, {ADMIN}),
    "cameras/node": Models({A, ADMIN}, {ADMIN}, {ADMIN}),
    "auth/user": Models({A, ADMIN}, {ADMIN}, {ADMIN}),
    "auth/group": Models({ADMIN}, NOBODY, NOBODY),
    "people/person": Models({E, A, ADMIN}, {E, ADMIN}, {E, ADMIN}),
    "people/template": Models(NOBODY, {E, ADMIN}, {E, ADMIN}),
    "sightings/sighting": Models(STAFF, NOBODY, {ADMIN}),
    "sightings/outcome": Models({A, ADMIN}, NOBODY, NOBODY),
    "alerts/alertrule": Models({A, ADMIN}, {ADMIN}, {ADMIN}),
    "alerts/alert": Models(STAFF, NOBODY, {ADMIN}),
    "intake/apikey": Models({A, ADMIN}, NOBODY, {ADMIN}),
    "intake/identifyrecord": Models({A, ADMIN}, NOBODY, NOBODY),
}


def table() -> dict[str, set[str]]:
    """route -> who may use it."""
    routes = {}
    for model, who in MODELS.items():
        routes[f"admin/{model}/"] = who.view
        routes[f"admin/{model}/add/"] = who.add
        routes[f"admin/{model}/<path:object_id>/history/"] = who.view
        routes[f"admin/{model}/<path:object_id>/delete/"] = who.delete
        routes[f"admin/{model}/<path:object_id>/change/"] = who.view
        routes[f"admin/{model}/<path:object_id>/"] = STAFF  # only leads to .../change/
    return routes | PAGES
