from django.apps import AppConfig


class StandardsConfig(AppConfig):
    name = "bihuan.standards"
    label = "standards"
