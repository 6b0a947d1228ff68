"""The roles: codes are stored, labels may change."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a user does here; decides reach, menu and landing page."""

    ADMIN = "admin", _("系统管理员")
    ENGINEER = "engineer", _("数据工程师")
    MANAGER = "manager", _("管理层")
    ANALYST = "analyst", _("分析师")
    MARKETER = "marketer", _("总部营销")
    AGENT = "agent", _("客服")
    STORE_MANAGER = "store_manager", _("店长")
    GUIDE = "guide", _("导购")
