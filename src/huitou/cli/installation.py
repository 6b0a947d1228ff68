"""Open the installation that the environment names: Django, its language, logs to standard error."""

import logging
import os
import sys
from typing import Any, TextIO

from huitou.cli.words import language


def _error_places(out: TextIO, told: Any) -> None:
    from huitou.web.logs import places

    out.write("\n" + places(told[1]))


def open_installation() -> None:
    """Set Django up. Call it once, at the start of a command that needs the database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitou.web.settings")
    import django
    import stamina.instrumentation
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # neither local variables nor the message of an exception: they may hold names and phones of whoever was at hand
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=_error_places),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    stamina.instrumentation.set_on_retry_hooks([])  # what stays out of reach after all tries is told once, as a sentence
    django.setup()
    from django.utils import translation

    translation.activate(language())
