from django.urls import path

from bihuan.base.ui import views

urlpatterns = [
    path("frame/numbers/", views.numbers, name="frame_numbers"),
    path("language/", views.set_language, name="set_language"),
    path("choice/place/", views.choices, {"kind": "place"}, name="choose_place"),
    path("choice/cycle/", views.choices, {"kind": "cycle"}, name="choose_cycle"),
]
