from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "bihuan.base.files"
    label = "files"
