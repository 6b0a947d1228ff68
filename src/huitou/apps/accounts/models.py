"""People who log in, their role and the stores they stand for."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from huitou.apps.accounts.roles import Role


class User(AbstractUser):
    """A staff member. `store_ids` bounds what store roles see; chain-wide roles ignore it."""

    display_name = models.CharField(max_length=64, default="")
    role_code = models.CharField(max_length=16, choices=Role.choices, default=Role.GUIDE)
    store_ids = models.JSONField(default=list, blank=True)  # ids of products.Store, an app above this one
    region_codes = models.JSONField(default=list, blank=True)  # of a region manager; store_ids then follows the master data
    totp_secret = models.BinaryField(null=True)  # encrypted; null: no second factor
    totp_step = models.BigIntegerField(default=0)  # the last time step that let the person in: a code works once
    recovery_hashes = models.JSONField(default=list, blank=True)  # of the recovery codes not used yet
    language = models.CharField(max_length=8, default="zh-hans")
    theme = models.CharField(max_length=8, default="auto")  # auto, light, dark
    density = models.CharField(max_length=8, default="standard")  # compact, standard, relaxed
    side = models.CharField(max_length=8, default="full")  # of the side bar: full, icons
