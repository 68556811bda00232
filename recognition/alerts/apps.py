from importlib import import_module

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "recognition.alerts"
    label = "alerts"

    def ready(self) -> None:
        import_module("recognition.alerts.narrowed_rules").connect()
