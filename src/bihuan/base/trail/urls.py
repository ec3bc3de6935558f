from django.urls import path

from bihuan.base.trail import views

urlpatterns = [
    path("trail/", views.trail, name="trail"),
    path("trail/check/", views.check, name="trail_check"),
]
