from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "bihuan.collect.records"
    label = "records"
