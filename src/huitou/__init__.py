"""Huitou 回头: a self-hosted customer-value platform for retail chains."""

__version__ = "0.1.0"
