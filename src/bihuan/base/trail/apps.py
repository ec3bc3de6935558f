from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "bihuan.base.trail"
    label = "trail"
