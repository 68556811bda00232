from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from recognition.pages import console, views

urlpatterns = [
    path("", views.wall, name="wall"),
    path("nodes", console.nodes, name="nodes"),
    path("nodes/cordon", console.cordon_node, name="cordon_node"),
    path("upload", views.upload, name="upload"),
    path("credits", views.photo_credits, name="credits"),
    path("login", LoginView.as_view(template_name="login.html", redirect_authenticated_user=True), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
]
