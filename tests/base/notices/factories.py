"""Notices, messages and announcements for tests."""

from __future__ import annotations

import factory
from django.utils import timezone

from bihuan.base.notices.models import Announcement, MailOff, Notice, Outbox, ReadReceipt
from tests.base.people.factories import UserFactory
from tests.base.places.factories import PlaceFactory


class NoticeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Notice

    user = factory.SubFactory(UserFactory)
    kind = "plan_submitted"
    title_zh = factory.Sequence(lambda n: f"计划GJ-2026-{n:03d}等您审批")
    title_en = factory.Sequence(lambda n: f"Plan GJ-2026-{n:03d} waits for your approval")
    dedupe_key = factory.Sequence(lambda n: f"plan_submitted:{n}")


class OutboxFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Outbox

    key = factory.Sequence(lambda n: f"email:{n}")
    channel = "email"
    user = factory.SubFactory(UserFactory, email=factory.Sequence(lambda n: f"reader{n:05d}@example.com"))
    language = "zh-hans"
    title = factory.Sequence(lambda n: f"计划GJ-2026-{n:03d}等您审批")
    message_id = factory.Sequence(lambda n: f"<{n}@bihuan>")
    next_attempt_at = factory.LazyFunction(timezone.now)


class MailOffFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MailOff

    user = factory.SubFactory(UserFactory)
    kind = "other"


class AnnouncementFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Announcement

    place = factory.SubFactory(PlaceFactory)
    title_zh = "三季度满意度到84.2分，是真的提高"
    title_en = "Satisfaction reached 84.2 in Q3: a real rise"
    body_zh = "维修上门更准时了。\n\n从10月20日起，上门前2小时要再打一次电话。"
    body_en = "Repairs came on time more often.\n\nFrom 20 October, call again two hours before a visit."
    cycle = "2026Q3"


class ReadReceiptFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReadReceipt

    announcement = factory.SubFactory(AnnouncementFactory)
    user = factory.SubFactory(UserFactory)
