from django.apps import AppConfig


class CollectorConfig(AppConfig):
    name = "recognition.collector"
    label = "collector"
