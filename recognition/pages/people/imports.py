"""Imports of many people: sending them, watching them, and what became of each file. The script sends by the API."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cameras.roles import Right
from cameras.scope import right_required
from recognition.imports import jobs
from recognition.imports.models import ImportFile, PeopleImport
from recognition.imports.people_list import BadPeopleList, decoded
from recognition.imports.report import report_csv, sentences
from recognition.pages.people.person import by_user

SHOWN_FILES = 100
VERBS = {"stop": jobs.stop, "go-on": jobs.go_on, "remove": jobs.remove}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@right_required(Right.ENROL)
def imports(request: HttpRequest) -> HttpResponse:
    """Without a script a small zip file may be sent at once."""
    problem = ""
    if request.method == "POST":
        try:
            return HttpResponseRedirect(reverse("import", args=[_sent(request).pk]))
        except (BadPeopleList, jobs.NotNow) as why:
            problem = str(why)
    listed = [(source, jobs.progress_of(source)) for source in PeopleImport.objects.all()[:20]]
    return render(request, "people/imports.html", {"imports": listed, "problem": problem})


def _sent(request: HttpRequest) -> PeopleImport:
    archive, listed = request.FILES.get("zip"), request.FILES.get("people_list")
    people_list = decoded(listed.read()) if isinstance(listed, UploadedFile) else None
    overrule = jobs.MAY_BE_OVERRULED if request.POST.get("overrule") else frozenset()
    source = jobs.begin(archive.name or "" if archive else "", people_list, overrule, by_user(request))
    if archive:
        jobs.add_piece(source, 0, archive.read())
    jobs.start(source)
    return source


@require_safe
@never_cache
@right_required(Right.ENROL)
def one_import(request: HttpRequest, import_id: int) -> HttpResponse:
    """An htmx request gets the progress alone."""
    template = "people/import_progress.html" if request.headers.get("HX-Request") else "people/import.html"
    return render(request, template, _context(get_object_or_404(PeopleImport, pk=import_id)))


def _context(source: PeopleImport) -> dict[str, Any]:
    refused = source.files.filter(state=ImportFile.State.REFUSED).defer("photo").select_related("owner")
    shown = [(file, sentences(file)) for file in refused.order_by("-pk")[:SHOWN_FILES]]
    return {"import": source, "progress": jobs.progress_of(source), "refused": shown, "shown_files": SHOWN_FILES}


@require_POST
@right_required(Right.ENROL)
def command_import(request: HttpRequest, import_id: int, verb: str) -> HttpResponse:
    source = get_object_or_404(PeopleImport, pk=import_id)
    if verb not in VERBS:
        raise Http404
    try:
        VERBS[verb](source)
    except jobs.NotNow as why:
        return render(request, "people/import.html", {**_context(source), "problem": str(why)}, status=409)
    if verb == "remove":
        return HttpResponseRedirect(reverse("imports"))
    return HttpResponseRedirect(reverse("import", args=[import_id]))


@require_safe
@never_cache
@right_required(Right.ENROL)
def import_report(request: HttpRequest, import_id: int) -> HttpResponseBase:
    return report_csv(get_object_or_404(PeopleImport, pk=import_id))
