from django.urls import path

from bihuan.collect.upkeep import views

urlpatterns = [
    path("archive/", views.overview, name="archive"),
    path("archive/check/", views.check_now, name="archive_check"),
    path("archive/missing/", views.missing, name="archive_missing"),
    path("archive/batches/", views.batches, name="archive_batches"),
    path("archive/<slug:table>/<path:source>/projects/<str:project>/", views.project, name="archive_project"),
    path("archive/<slug:table>/<path:source>/", views.source, name="archive_source"),
]
