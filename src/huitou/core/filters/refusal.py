"""How a filter is refused."""


class FilterError(Exception):
    """The filter is refused: `path` says where, `problem` what is wrong and what is allowed there."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem
