from django.urls import path

from bihuan.config.start import views

urlpatterns = [
    path("start/", views.start, name="start"),
    path("start/files/<str:name>/", views.file, name="start_file"),
    path("start/passwords/", views.passwords, name="start_passwords"),
    path("start/cycle/", views.cycle, name="start_cycle"),
    path("start/checklist/", views.checklist, name="start_checklist"),
]
