from django.urls import path

from recognition.people import views

urlpatterns = [
    path("people/<int:template_id>/crop", views.crop, name="template-crop"),
]
