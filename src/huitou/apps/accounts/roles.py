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
    REGION_MANAGER = "region_manager", _("区域经理")
    STORE_MANAGER = "store_manager", _("店长")
    GUIDE = "guide", _("导购")
    CASHIER = "cashier", _("收银员")
    PRODUCT_OWNER = "product_owner", _("商品负责人")
    AUDITOR = "auditor", _("审计员")


# Whose reach ends at stores: those named for the person, or all of the person's regions. Every other role reaches the chain.
STORE_ROLES = frozenset({Role.STORE_MANAGER, Role.GUIDE, Role.CASHIER})
REGION_ROLES = frozenset({Role.REGION_MANAGER})
