from importlib import import_module

from django.apps import AppConfig


class CamerasConfig(AppConfig):
    name = "cameras"

    def ready(self) -> None:
        import_module("cameras.receivers").connect()
