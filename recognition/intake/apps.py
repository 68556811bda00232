from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "recognition.intake"
    label = "intake"
