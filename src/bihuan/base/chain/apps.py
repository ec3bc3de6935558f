from django.apps import AppConfig


class ChainConfig(AppConfig):
    name = "bihuan.base.chain"
    label = "chain"
