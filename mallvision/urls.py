"""Every address of the product but the snapshot route, which mallvision.asgi serves by itself."""

from django.contrib import admin
from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import include, path
from django.views.generic import RedirectView

from mallvision.api import api
from mallvision.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("favicon.ico", RedirectView.as_view(url=staticfiles_storage.url("img/favicon.svg"))),
    path("", include("recognition.pages.urls")),
    path("media/", include("recognition.people.urls")),
    path("media/", include("recognition.sightings.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("i18n/", include("django.conf.urls.i18n")),
]
