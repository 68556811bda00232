from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "recognition.demo"
    label = "demo"
