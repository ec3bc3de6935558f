from django.urls import path

from bihuan.web import views
from bihuan.web.api import api

urlpatterns = [
    path("", views.home, name="home"),
    path("work/", views.my_work, name="my_work"),
    path("board/", views.board, name="board"),
    path("find/", views.find, name="find"),
    path("health", views.health, name="health"),
    path("api/v1/", api.urls),
]
