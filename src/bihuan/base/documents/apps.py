from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "bihuan.base.documents"
    label = "documents"
