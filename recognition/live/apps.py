from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "recognition.live"
    label = "live"
