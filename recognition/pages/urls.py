from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from recognition.pages import console, dead_letters, views

urlpatterns = [
    path("", views.wall, name="wall"),
    path("nodes", console.nodes, name="nodes"),
    path("nodes/cordon", console.cordon_node, name="cordon_node"),
    path("nodes/dead-letters", dead_letters.dead_letters, name="dead_letters"),
    path("nodes/dead-letters/<slug:name>/<slug:letter>", dead_letters.dead_letter, name="dead_letter"),
    path(
        "nodes/dead-letters/<slug:name>/<slug:letter>/photo", dead_letters.dead_letter_photo, name="dead_letter_photo"
    ),
    path("nodes/dead-letters/<slug:name>/<slug:letter>/drop", dead_letters.drop_dead_letter, name="drop_dead_letter"),
    path(
        "nodes/dead-letters/<slug:name>/<slug:letter>/retry", dead_letters.retry_dead_letter, name="retry_dead_letter"
    ),
    path("", include("recognition.pages.people.urls")),
    path("upload", views.upload, name="upload"),
    path("credits", views.photo_credits, name="credits"),
    path("login", LoginView.as_view(template_name="login.html", redirect_authenticated_user=True), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
]
