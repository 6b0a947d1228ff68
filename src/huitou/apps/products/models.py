"""Stores, products and categories: the dimensions that all sources share."""

from django.db import models


class Store(models.Model):
    """A shop, or the online mall. A store that a line named before its master data came is a placeholder."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=64)
    region_code = models.CharField(max_length=32, db_index=True)
    region_name = models.CharField(max_length=64)
    city = models.CharField(max_length=64, default="")
    address = models.CharField(max_length=200, default="")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    opened_on = models.DateField(null=True)
    area_m2 = models.PositiveIntegerField(null=True)
    is_placeholder = models.BooleanField(default=False)
    updated_at = models.DateTimeField()


class Category(models.Model):
    """A node of the category tree; `path` is its full name ("生鲜/蔬菜/有机蔬菜")."""

    path = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=64)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT)
    level = models.PositiveSmallIntegerField()  # 1 is the top


class Product(models.Model):
    """One article (SKU). A product that a line named before its master data came is a placeholder."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=128)
    category = models.ForeignKey(Category, on_delete=models.PROTECT)
    brand = models.CharField(max_length=64, default="")
    unit = models.CharField(max_length=16, default="")
    price_fen = models.BigIntegerField(null=True)
    cost_fen = models.BigIntegerField(null=True)
    is_placeholder = models.BooleanField(default=False)
    updated_at = models.DateTimeField()
