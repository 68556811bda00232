from importlib import import_module

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "recognition.intake"
    label = "intake"

    def ready(self) -> None:
        # Processes keep copies of the keys: a change of one moves the registry's epoch on.
        import_module("cameras.changes").watch(self.get_model("ApiKey"))
