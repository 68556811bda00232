from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "recognition.pages"
    label = "pages"
