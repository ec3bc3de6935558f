"""A sender in a process of its own, on the tests' database; the mail server is named in its environment."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
from bihuan.config import settings

if os.environ.get("KILL_DATABASE"):
    settings.DATABASES["default"]["NAME"] = os.environ["KILL_DATABASE"]
django.setup()

from bihuan.base.notices import delivery  # noqa: E402  (Django must be set up before)

print(delivery.deliver()["sent"], flush=True)
