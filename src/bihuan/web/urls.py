from django.urls import path

from bihuan.web import views
from bihuan.web.api import api

urlpatterns = [
    path("", views.home, name="home"),
    path("health", views.health, name="health"),
    path("api/v1/", api.urls),
]
