"""Writes of the quality app."""

from huitou.apps.quality.services.quality_snapshot import quality_snapshot

__all__ = ["quality_snapshot"]
