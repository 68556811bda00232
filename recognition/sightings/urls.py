from django.urls import path

from recognition.sightings import views

urlpatterns = [
    path("sightings/<int:sighting_id>/face", views.face, name="sighting-face"),
    path("cameras/<slug:slug>/newest", views.newest, name="camera-newest"),
]
