"""What a person may be at a place."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """A role counts at the place it was given for and everywhere under it."""

    ADMINISTRATOR = "administrator", _("Administrator")
    QUALITY_MANAGER = "quality_manager", _("Quality manager")
    INSPECTOR = "inspector", _("Inspector")
    INTERVIEWER = "interviewer", _("Phone interviewer")
    DEPARTMENT_HEAD = "department_head", _("Department head")
    CONTRACTOR = "contractor", _("Contractor staff")
    LEADER = "leader", _("Supervising leader")
    EMPLOYEE = "employee", _("Employee")


class ServiceArea(models.TextChoices):
    """The ten service areas; stored in the words that facts and files use."""

    CUSTOMER_SERVICE = "客户服务", _("Customer service")
    ORDER = "秩序维护", _("Order and security")
    CLEANING = "环境保洁", _("Cleaning")
    GREENING = "绿化养护", _("Greening")
    REPAIR = "工程维修", _("Repairs")
    FACILITIES = "公共设施设备", _("Shared facilities")
    VEHICLES = "车辆管理", _("Vehicles")
    FIRE = "消防", _("Fire safety")
    LIFTS = "电梯", _("Lifts")
    CULTURE = "社区文化", _("Community life")
