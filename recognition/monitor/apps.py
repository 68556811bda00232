from django.apps import AppConfig


class MonitorConfig(AppConfig):
    name = "recognition.monitor"
    label = "monitor"
