from importlib import import_module

from django.apps import AppConfig


class SightingsConfig(AppConfig):
    name = "recognition.sightings"
    label = "sightings"

    def ready(self) -> None:
        import_module("recognition.sightings.forgetting").connect()
