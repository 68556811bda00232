from channels.routing import URLRouter
from django.urls import path

from recognition.live.consumers import LiveConsumer

websockets = URLRouter([path("ws/live", LiveConsumer.as_asgi())])
