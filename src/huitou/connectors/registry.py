"""
Every connector by its code. A connector is a folder of this package whose `client` module offers `CONNECTOR`;
nothing has to be added here for a new one.
"""

import pkgutil
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import import_module, resources

import huitou.connectors
from huitou.connectors.definition import Clock, Connector
from huitou.connectors.protocol import Source, SourceMisconfigured


@cache
def connectors() -> Mapping[str, Connector]:
    """Return the connectors by code, in the order of their codes."""
    folders = sorted(found.name for found in pkgutil.iter_modules(huitou.connectors.__path__) if found.ispkg)
    return {name: import_module(f"huitou.connectors.{name}.client").CONNECTOR for name in folders}


def source_create(code: str, settings: Mapping[str, str], *, clock: Clock = lambda: datetime.now(UTC)) -> Source:
    """Return the source of one connector. Raises SourceMisconfigured on an unknown code or naming the wrong setting."""
    if code not in connectors():
        raise SourceMisconfigured(f"there is no connector {code!r}; there are: {', '.join(connectors())}")
    return connectors()[code].source(settings, clock=clock)


@cache
def mapping_sql(code: str, stream: str, kind: str) -> str:
    """Return the SELECT that maps one stream's `raw` to one canonical kind. Raises FileNotFoundError."""
    folder = resources.files(f"huitou.connectors.{connectors()[code].mapping_from or code}") / "mapping"
    return (folder / f"{stream}.{kind}.sql").read_text(encoding="utf-8")
