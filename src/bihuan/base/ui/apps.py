from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "bihuan.base.ui"
    label = "ui"
