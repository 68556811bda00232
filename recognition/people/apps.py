from importlib import import_module

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "recognition.people"
    label = "people"

    def ready(self) -> None:
        import_module("recognition.people.receivers").connect()
