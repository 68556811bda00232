from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "recognition.imports"
    label = "imports"
