"""
What the first view of a page needs in a new process, read before somebody asks: the addresses, the templates, the analytical
store, and the sums of the whole chain that the cockpit opens with; these again for every version that is published.
"""

import logging
import threading
import time
from importlib import import_module
from pathlib import Path

import duckdb
from django.conf import settings
from django.db import DatabaseError, connection
from django.template.loader import get_template

from huitou.apps.base.storage import warehouse
from huitou.apps.segments.catalogue import CHAIN_VIEWER
from huitou.warehouse.reader import NothingPublished
from huitou.web.pages import cockpit

TEMPLATES = Path(__file__).parent / "templates"
_LOOK_EVERY_SECONDS = 5.0
_PAUSE = 0.002  # lets a request in between two templates

log = logging.getLogger(__name__)


def addresses_read() -> None:
    """Import every page, which the first request would wait for; before it is answered, nobody takes the server for ready."""
    import_module(settings.ROOT_URLCONF)


def warm_up() -> threading.Thread:
    """Begin to read, and go on with every new version; the thread ends with the process."""
    thread = threading.Thread(target=_go_on, name="warming", daemon=True)
    thread.start()
    return thread


def _go_on() -> None:
    templates_read()
    known = 0
    while True:
        known = sums_read(known)
        connection.close()  # of this thread: nobody else would
        time.sleep(_LOOK_EVERY_SECONDS)


def templates_read() -> None:
    """Compile the templates that the pages are made of; the cached loader keeps them."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        get_template(str(path.relative_to(TEMPLATES)))
        time.sleep(_PAUSE)


def sums_read(known: int) -> int:
    """
    Ask what the cockpit shows of the version published now, unless that is `known`, and return its number.

    What cannot be read now, because nothing is published or the store is being moved, is asked again the next time.
    """
    try:
        with warehouse().read() as reading:
            if reading.version.number != known:
                cockpit.sums_read(reading, CHAIN_VIEWER)
            return reading.version.number
    except NothingPublished:
        return known
    except (OSError, duckdb.Error, DatabaseError) as error:
        log.info("the sums of the chain were not read: %s", type(error).__name__)
        return known
