"""What the registry knows about a connector before it is set up: its name, its settings and how a Source is made of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from huitou.connectors.protocol import Source, SourceMisconfigured

Clock = Callable[[], datetime]  # aware UTC


@dataclass(frozen=True, slots=True)
class Setting:
    """One value an operator enters; a secret one is never shown again. default: of a setting that older sources do not have."""

    name: str
    title: str
    is_secret: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class Connector:
    """One kind of outside system; every setting is required."""

    code: str  # the folder's name
    title: str
    settings: tuple[Setting, ...]
    create: Callable[[Mapping[str, str], Clock], Source]
    mapping_from: str = ""  # the connector whose mapping files are used; empty: its own

    def source(self, settings: Mapping[str, str], *, clock: Clock) -> Source:
        """Return the source these settings describe. Raises SourceMisconfigured naming the first setting that is missing."""
        told = {setting.name: setting.default for setting in self.settings if setting.default} | dict(settings)
        for setting in self.settings:
            if not told.get(setting.name, "").strip():
                raise SourceMisconfigured(f"{self.code}: setting {setting.name} ({setting.title}) is missing: enter it")
        return self.create(told, clock)
