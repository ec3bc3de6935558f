from django.urls import path

from bihuan.base.calendars import views

urlpatterns = [
    path("calendars/", views.calendars, name="calendars"),
    path("calendars/new/", views.new, name="calendar_new"),
    path("calendars/<slug:code>/", views.calendar, name="calendar"),
    path("calendars/<slug:code>/names/", views.names, name="calendar_names"),
    path("calendars/<slug:code>/week/", views.week, name="calendar_week"),
    path("calendars/<slug:code>/day/", views.day, name="calendar_day"),
    path("calendars/<slug:code>/holidays/", views.bring_holidays, name="calendar_holidays"),
    path("calendars/<slug:code>/place/", views.place, name="calendar_place"),
    path("calendars/<slug:code>/default/", views.default, name="calendar_default"),
    path("calendars/<slug:code>/delete/", views.delete, name="calendar_delete"),
]
