from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "bihuan.base.jobs"
    label = "jobs"
