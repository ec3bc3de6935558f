from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    name = "bihuan.collect.upkeep"
    label = "upkeep"
