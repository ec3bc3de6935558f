from django.apps import AppConfig


class AssessConfig(AppConfig):
    name = "bihuan.assess"
    label = "assess"
