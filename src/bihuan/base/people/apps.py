from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "bihuan.base.people"
    label = "people"
