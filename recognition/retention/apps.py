from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "recognition.retention"
    label = "retention"
