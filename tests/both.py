"""
The whole suite: every test on SQLite, and beside it the database tests again on PostgreSQL.

    python -m tests.both

Both at once share one tail: alone, either run ends with a worker that nobody helps. A worker with a browser, a server or a
database waits for it half of the time, so two for each database are not too many for two cores.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.postgres import server

TESTS = Path(__file__).parent
PYTEST = (sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


def main() -> int:
    """Run both; what PostgreSQL's part says is printed when all is done. Returns 1 where a test failed."""
    of_both = sorted(str(path) for path in TESTS.rglob("test_*.py") if "db_both" in path.read_text(encoding="utf-8"))
    with server() as url, tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        environment = {**os.environ, "HUITOU_DATABASE_URL": url}
        beside = subprocess.Popen([*PYTEST, "-m", "db_both", *of_both], env=environment, stdout=said, stderr=subprocess.STDOUT)
        try:
            codes = [subprocess.run(PYTEST, check=False).returncode, beside.wait()]
        finally:
            if beside.poll() is None:
                beside.terminate()
                beside.wait()
        said.seek(0)
        print(f"On PostgreSQL:\n{said.read()}", flush=True)
    return int(any(codes))


if __name__ == "__main__":
    raise SystemExit(main())
