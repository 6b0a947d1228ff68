"""The type of a text that may still have to be translated."""

from django.utils.functional import Promise

LazyText = str | Promise
