from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "bihuan.base.places"
    label = "places"
