"""A worker in a process of its own, on the tests' database: ``python worker_process.py <database name>``."""

import os
import sys
import threading

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
from bihuan.config import settings

settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()

from bihuan.base.jobs.loops import run_worker  # noqa: E402  (Django must be set up before)
from tests.base.jobs import work  # noqa: E402

assert work
run_worker(threading.Event(), interval=0.05)
