"""The API, put together from each room's ``router``."""

from __future__ import annotations

from ninja import NinjaAPI

from bihuan import __version__
from bihuan.assess.api import router as assess
from bihuan.base.notices.api import router as notices
from bihuan.base.people.api import auth
from bihuan.base.people.api import router as people
from bihuan.base.places.api import router as places
from bihuan.collect.records.api import router as records
from bihuan.collect.upkeep.api import router as upkeep
from bihuan.improve.api import router as improve
from bihuan.standards.service.api import router as service

api = NinjaAPI(title="Bihuan 闭环", version=__version__, auth=auth, urls_namespace="api", docs_url=None)
for router in (people, places, notices, service, records, upkeep, assess, improve):
    api.add_router("", router)
