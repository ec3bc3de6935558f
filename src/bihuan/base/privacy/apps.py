from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "bihuan.base.privacy"
    label = "privacy"
