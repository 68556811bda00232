from django.urls import path

from recognition.pages.people import faces, imports, listing, person, watchlists

urlpatterns = [
    path("people", listing.people, name="people"),
    path("people/new", person.new_person, name="new_person"),
    path("people/import", imports.imports, name="imports"),
    path("people/import/<int:import_id>", imports.one_import, name="import"),
    path("people/import/<int:import_id>/report.csv", imports.import_report, name="import_report"),
    path("people/import/<int:import_id>/<slug:verb>", imports.command_import, name="command_import"),
    path("people/<int:person_id>", person.person, name="person"),
    path("people/<int:person_id>/edit", person.edit_person, name="edit_person"),
    path("people/<int:person_id>/erase", person.erase_person, name="erase_person"),
    path("people/<int:person_id>/faces", faces.faces, name="faces"),
    path("people/<int:person_id>/faces/<int:template_id>/remove", faces.remove_face, name="remove_face"),
    path("watchlists", watchlists.watchlists, name="watchlists"),
    path("watchlists/new", watchlists.edit_watchlist, name="new_watchlist"),
    path("watchlists/<int:watchlist_id>", watchlists.edit_watchlist, name="watchlist"),
    path("watchlists/<int:watchlist_id>/remove", watchlists.drop_watchlist, name="remove_watchlist"),
]
