"""The one command, `huitou`."""


def main() -> int:
    """Run the command line; returns the exit code."""
    raise SystemExit("placeholder until the commands land")
