"""Every route of the product and who may use it: the table that test_routes.py holds the product to."""

from dataclasses import dataclass

from cameras.roles import ADMINISTRATOR, AUDITOR, ENROLLER, OPERATOR, VIEWER

STAFF = {VIEWER, OPERATOR, ENROLLER, AUDITOR, ADMINISTRATOR}
SEES_PEOPLE = {ENROLLER, AUDITOR, ADMINISTRATOR}
ENROLS = {ENROLLER, ADMINISTRATOR}
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
    "upload": {OPERATOR, ADMINISTRATOR},
    "credits": STAFF,
    "nodes": STAFF,
    "nodes/cordon": NOBODY,  # answers POST alone: tests/pages holds it to administrators
    "nodes/dead-letters": {ADMINISTRATOR},
    "nodes/dead-letters/<slug:name>/<slug:letter>": {ADMINISTRATOR},
    "nodes/dead-letters/<slug:name>/<slug:letter>/photo": {ADMINISTRATOR},
    "nodes/dead-letters/<slug:name>/<slug:letter>/drop": NOBODY,  # both answer POST alone: tests/pages
    "nodes/dead-letters/<slug:name>/<slug:letter>/retry": NOBODY,
    "people": SEES_PEOPLE,
    "people/new": ENROLS,
    "people/import": ENROLS,
    "people/import/<int:import_id>": ENROLS,
    "people/import/<int:import_id>/report.csv": ENROLS,
    "people/import/<int:import_id>/<slug:verb>": NOBODY,  # answers POST alone: tests/pages
    "people/<int:person_id>": SEES_PEOPLE,
    "people/<int:person_id>/edit": ENROLS,
    "people/<int:person_id>/erase": ENROLS,
    "people/<int:person_id>/faces": SEES_PEOPLE,
    "people/<int:person_id>/faces/<int:template_id>/remove": NOBODY,  # answers POST alone: tests/pages
    "watchlists": SEES_PEOPLE,
    "watchlists/new": {ADMINISTRATOR},
    "watchlists/<int:watchlist_id>": {ADMINISTRATOR},
    "watchlists/<int:watchlist_id>/remove": {ADMINISTRATOR},
    "login": EVERYONE,
    "logout": NOBODY,  # answers POST alone, which any page sends with its token
    "healthz": EVERYONE,
    "readyz": EVERYONE,
    "favicon.ico": EVERYONE,
    "i18n/setlang/": EVERYONE,
    "media/cameras/<slug:slug>/newest": STAFF,
    "media/sightings/<int:sighting_id>/face": STAFF,
    "media/people/<int:template_id>/crop": SEES_PEOPLE,
    # The API knows tokens, and users only where it says so: tests/intake holds these to theirs.
    "api/v1/": NOBODY,
    "api/v1/docs": EVERYONE,
    "api/v1/openapi.json": EVERYONE,
    "api/v1/snapshots/<id>": NOBODY,
    "api/v1/identify": NOBODY,
    "api/v1/stats": STAFF,
    "api/v1/nodes": STAFF,
    "api/v1/people": SEES_PEOPLE,
    "api/v1/people/<id>": SEES_PEOPLE,
    "api/v1/people/<id>/faces": NOBODY,  # answers POST alone
    "api/v1/people/<id>/faces/<face>": NOBODY,  # answers DELETE alone
    "api/v1/people/<id>/faces/<face>/crop": SEES_PEOPLE,
    "api/v1/imports": NOBODY,  # answers POST alone, as do photos and verbs; pieces answer PUT: tests/imports
    "api/v1/imports/<id>": ENROLS,
    "api/v1/imports/<id>/report.csv": ENROLS,
    "api/v1/imports/<id>/pieces/<number>": NOBODY,
    "api/v1/imports/<id>/photos": NOBODY,
    "api/v1/imports/<id>/<verb>": NOBODY,
    "api/v1/watchlists": SEES_PEOPLE,
    "api/v1/watchlists/<id>": SEES_PEOPLE,
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
    "admin/^(?P<app_label>cameras|auth|people|sightings|alerts|intake)/$": {AUDITOR, ADMINISTRATOR},
    "admin/(?P<url>.*)$": NOBODY,
    "admin/auth/user/<id>/password/": {ADMINISTRATOR},
    "admin/people/person/<path:object_id>/enrol/": {ENROLLER, ADMINISTRATOR},
    "admin/people/template/": {ENROLLER, AUDITOR, ADMINISTRATOR},  # leads on to the people
}

MODELS: dict[str, Models] = {
    "cameras/camera": Models({AUDITOR, ADMINISTRATOR}, {ADMINISTRATOR}, {ADMINISTRATOR}),
    "cameras/cameragroup": Models({AUDITOR, ADMINISTRATOR}, {ADMINISTRATOR}, {ADMINISTRATOR}),
    "cameras/node": Models({AUDITOR, ADMINISTRATOR}, {ADMINISTRATOR}, {ADMINISTRATOR}),
    "auth/user": Models({AUDITOR, ADMINISTRATOR}, {ADMINISTRATOR}, {ADMINISTRATOR}),
    "auth/group": Models({ADMINISTRATOR}, NOBODY, NOBODY),
    "people/person": Models({ENROLLER, AUDITOR, ADMINISTRATOR}, {ENROLLER, ADMINISTRATOR}, {ENROLLER, ADMINISTRATOR}),
    "people/watchlist": Models({ENROLLER, AUDITOR, ADMINISTRATOR}, {ADMINISTRATOR}, {ADMINISTRATOR}),
    "people/template": Models(NOBODY, {ENROLLER, ADMINISTRATOR}, {ENROLLER, ADMINISTRATOR}),
    "sightings/sighting": Models(STAFF, NOBODY, {ADMINISTRATOR}),
    "sightings/outcome": Models({AUDITOR, ADMINISTRATOR}, NOBODY, NOBODY),
    "alerts/alertrule": Models({AUDITOR, ADMINISTRATOR}, {ADMINISTRATOR}, {ADMINISTRATOR}),
    "alerts/alert": Models(STAFF, NOBODY, {ADMINISTRATOR}),
    "alerts/systemalert": Models(STAFF, NOBODY, NOBODY),
    "intake/apikey": Models({AUDITOR, ADMINISTRATOR}, NOBODY, {ADMINISTRATOR}),
    "intake/identifyrecord": Models({AUDITOR, ADMINISTRATOR}, NOBODY, NOBODY),
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
