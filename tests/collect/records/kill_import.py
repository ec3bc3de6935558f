"""A process of its own that imports one file, to be killed at any moment."""

import os
import sys

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
if "KILL_DATABASE" in os.environ:  # SQLite's test database lies in a file of its own
    settings.DATABASES["default"]["NAME"] = os.environ["KILL_DATABASE"]
django.setup()

from bihuan.archive.store import Archive  # noqa: E402
from bihuan.collect.records.importer import process  # noqa: E402
from bihuan.collect.records.models import ImportBatch  # noqa: E402

if __name__ == "__main__":
    print("ready", flush=True)
    process(ImportBatch.objects.get(pk=int(sys.argv[1])), archive=Archive(sys.argv[2]))
