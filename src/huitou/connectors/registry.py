"""
Every connector by its code. A connector is a folder of this package whose `client` module offers `CONNECTOR`;
nothing has to be added here for a new one.
"""

import pkgutil
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import import_module, resources
from importlib.resources.abc import Traversable

import huitou.connectors
from huitou.connectors.definition import Clock, Connector
from huitou.connectors.protocol import Source, SourceMisconfigured

_USES = re.compile(r"^-- uses: (\w+)\n", re.MULTILINE)


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
    """
    Return the SELECT that maps one stream's `raw` to one canonical kind. Raises FileNotFoundError.

    The file <stream>.<kind>.sql may serve several streams: <stream>+<stream>.<kind>.sql. A header line `-- uses: named` puts the
    SELECT of mapping/shared/named.sql before it as the relation `named`; shared ones may use others.
    """
    folder = resources.files(f"huitou.connectors.{connectors()[code].mapping_from or code}") / "mapping"
    return _with_shared(_file_of(folder, stream, kind).read_text(encoding="utf-8"), folder / "shared")


def _file_of(folder: Traversable, stream: str, kind: str) -> Traversable:
    for file in folder.iterdir():
        streams, _, rest = file.name.partition(".")
        if rest == f"{kind}.sql" and stream in streams.split("+"):
            return file
    raise FileNotFoundError(f"no mapping of {stream} to {kind} in {folder}")


def _with_shared(text: str, folder: Traversable) -> str:
    used = _USES.search(text)
    if used is None:
        return text
    shared = _with_shared((folder / f"{used[1]}.sql").read_text(encoding="utf-8"), folder)
    following = text[used.end() :]
    own = f", {following.removeprefix('with')}" if following.startswith("with") else following
    return f"{text[: used.end()]}with {used[1]} as (\n{shared})\n{own}"
