"""What a build or a fold hands back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import perf_counter

from huitou.warehouse.checks import CheckResult
from huitou.warehouse.steps import ScoreCuts

Progress = Callable[[str, int, int], None]
"""Called with (step, steps done, steps in all) before each step and once at the end."""


@dataclass(frozen=True, slots=True)
class BuildResult:
    """A finished, not yet published version file."""

    number: int
    base_number: int  # its own number for a base
    path: Path
    as_of: date
    map_seq: int
    batch_ids: tuple[int, ...]
    rows: dict[str, int]  # by table
    cuts: ScoreCuts
    checks: tuple[CheckResult, ...]
    seconds: dict[str, float]  # by step

    @property
    def is_base(self) -> bool:
        return self.number == self.base_number


@dataclass(slots=True)
class StepLog:
    """Times the steps and reports them."""

    names: tuple[str, ...]
    progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        if self.progress:
            self.progress(name, len(self.seconds), len(self.names))
        start = perf_counter()
        yield
        self.seconds[name] = round(perf_counter() - start, 3)

    def done(self) -> None:
        if self.progress:
            self.progress("done", len(self.names), len(self.names))
