"""People who log in, their role and the stores they stand for."""

from django.contrib.auth.models import AbstractUser
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


class User(AbstractUser):
    """A staff member. `store_ids` bounds what store roles see; chain-wide roles ignore it."""

    display_name = models.CharField(max_length=64, default="")
    role_code = models.CharField(max_length=16, choices=Role.choices, default=Role.GUIDE)
    store_ids = models.JSONField(default=list, blank=True)  # ids of products.Store, an app above this one
    language = models.CharField(max_length=8, default="zh-hans")
    theme = models.CharField(max_length=8, default="auto")  # auto, light, dark
    density = models.CharField(max_length=8, default="standard")  # compact, standard, relaxed
