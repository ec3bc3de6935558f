"""Foreign keys obey the layers too, even those written as strings that the import linter cannot see."""

from django.apps import apps
from django.conf import settings

ORDER = [  # low to high
    *("documents", "ui", "trail", "privacy", "calendars", "chain", "jobs", "files", "places", "people"),
    *("notices", "standards", "sampling", "records", "inspections", "interviews", "surveys", "upkeep"),
    *("voice", "assess", "improve", "web", "bihuan_config"),
]
MAY_NAME_USER = {"trail", "notices", "chain", "jobs", "files"}
OURS = {config.label for config in apps.get_app_configs() if config.name.startswith("bihuan.")}


def upward_keys():
    for model in apps.get_models():
        label = model._meta.app_label
        if label not in OURS:
            continue
        for field in model._meta.get_fields():
            if not field.is_relation or field.auto_created or field.related_model is None:
                continue
            target = field.related_model._meta
            if target.app_label not in OURS or ORDER.index(target.app_label) <= ORDER.index(label):
                continue
            if target.label == settings.AUTH_USER_MODEL and label in MAY_NAME_USER:
                continue
            yield f"{model._meta.label}.{field.name} -> {target.label}"


def test_every_room_has_its_floor():
    assert set(ORDER) >= OURS


def test_no_foreign_key_points_upward():
    assert list(upward_keys()) == []
