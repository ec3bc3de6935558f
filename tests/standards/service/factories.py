"""Service standards and revisions for tests."""

from __future__ import annotations

import factory
from django.utils import timezone

from bihuan.standards.models import RevisionRequest, ServiceStandard, StandardClause, StandardVersion


class ServiceStandardFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ServiceStandard

    code = factory.Sequence(lambda n: f"SS-{n}")
    title_zh = "住宅项目服务标准"
    title_en = "Service standard for residential projects"


class StandardVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StandardVersion

    standard = factory.SubFactory(ServiceStandardFactory)
    number = "V1.0"
    state = "effective"
    state_since = factory.LazyFunction(timezone.now)
    made_at = factory.LazyFunction(timezone.now)
    published_at = factory.LazyFunction(timezone.now)


class StandardClauseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StandardClause

    version = factory.SubFactory(StandardVersionFactory)
    number = factory.Sequence(lambda n: f"5.1.{n}")
    area = "工程维修"
    text_zh = "一般报修按约好的时间修完"
    text_en = "Repairs are completed at the time agreed"


class RevisionRequestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RevisionRequest

    clause = factory.SubFactory(StandardClauseFactory)
    standard = factory.LazyAttribute(lambda request: request.clause.version.standard)
    text_zh = "一般报修按约好的时间修完，上门前再打一次电话"
    text_en = "Repairs are completed at the time agreed, after one more call before the visit"
    reason = "试行三个月，空跑少了一半"
    state_since = factory.LazyFunction(timezone.now)
    asked_at = factory.LazyFunction(timezone.now)
