"""Where this installation keeps the files of the analytical store."""

from pathlib import Path

from django.conf import settings

from huitou.warehouse.layout import Layout


def layout() -> Layout:
    """Return the folders of this installation."""
    return Layout(Path(settings.HUITOU_DATA_DIR))
