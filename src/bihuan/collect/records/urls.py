"""Addresses of imports."""

from django.urls import path

from bihuan.collect.records import views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/new/", views.new, name="import_new"),
    path("imports/mappings/<slug:name>.yaml", views.kept_mapping, name="import_mapping_kept"),
    path("imports/<int:pk>/", views.detail, name="import"),
    path("imports/<int:pk>/columns/", views.columns, name="import_columns"),
    path("imports/<int:pk>/start/", views.start, name="import_start"),
    path("imports/<int:pk>/progress/", views.progress, name="import_progress"),
    path("imports/<int:pk>/rows.<str:kind>", views.rows, name="import_rows"),
    path("imports/<int:pk>/mapping.yaml", views.mapping_file, name="import_mapping"),
]
