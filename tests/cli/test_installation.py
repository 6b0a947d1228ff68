"""What a command writes to its log."""

import re
import subprocess
import sys

from tests.installation import Installation

FAILING = """
from huitou.cli.installation import open_installation
open_installation()
import structlog

def work(phone):
    name = "".join(["金丝", "雀"])
    raise ValueError("this row is wrong")

try:
    work("".join(["1540000", "8888"]))
except ValueError:
    structlog.get_logger().exception("job failed", job_id=7)
"""


def test_a_failure_is_logged_with_its_place_and_without_the_values_at_hand(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FAILING], env=Installation(tmp_path).environment, capture_output=True, text=True, check=True
    )
    assert "job failed" in done.stderr
    assert "job_id=7" in done.stderr
    assert re.search(r"ValueError\n  <string>:\d+ ", done.stderr)
    assert "this row is wrong" not in done.stderr  # a message may quote a value
    assert "15400008888" not in done.stderr
    assert "金丝雀" not in done.stderr
