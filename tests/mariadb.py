"""A MariaDB server of its own for the tests of the MySQL source: in a fresh folder, on a free port, with one database."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.postgres import _free_port

try:
    import pymysql
except ImportError:  # the extra `mysql` is not installed
    pymysql = None

START_SECONDS = 60
DATABASE = USER = "huitou"


class MariaUnavailable(Exception):
    """No server can be started here; the message says why."""


@contextmanager
def server() -> Iterator[str]:
    """Start a server and yield mysql://user:password@127.0.0.1:port/database. Raises MariaUnavailable."""
    if pymysql is None:
        raise MariaUnavailable("the package pymysql is not installed")
    install, serve = shutil.which("mariadb-install-db"), shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin")
    if install is None or serve is None:
        raise MariaUnavailable("MariaDB is not installed (package mariadb-server)")
    with tempfile.TemporaryDirectory(prefix="huitou-maria-") as name:
        folder, user = Path(name), "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        data, port, password = folder / "data", _free_port(), secrets.token_hex(16)
        data.mkdir()
        if os.geteuid() == 0:
            folder.chmod(0o755)
            shutil.chown(data, user)
        done = subprocess.run(
            [install, "--no-defaults", f"--datadir={data}", f"--user={user}", "--skip-test-db",
             "--auth-root-authentication-method=normal"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise MariaUnavailable(f"mariadb-install-db failed: {done.stderr.strip()}")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [serve, "--no-defaults", f"--datadir={data}", f"--user={user}", f"--port={port}", "--bind-address=127.0.0.1",
                 f"--socket={data}/socket", "--skip-name-resolve", "--innodb-buffer-pool-size=32M"],
                stdout=log, stderr=log,
            )  # fmt: skip
            try:
                _create(port, password, process, folder / "log")
                yield f"mysql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"
            finally:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def connect(url: str):
    """Open the server's database to write in it."""
    parts = urlsplit(url)
    return pymysql.connect(
        host=parts.hostname, port=parts.port, user=parts.username, password=parts.password, database=parts.path[1:],
        charset="utf8mb4",
    )  # fmt: skip


def _create(port: int, password: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            with pymysql.connect(host="127.0.0.1", port=port, user="root") as connection, connection.cursor() as cursor:
                cursor.execute(f"create database {DATABASE} character set utf8mb4")
                cursor.execute(f"create user {USER}@'%%' identified by %s", (password,))
                cursor.execute(f"grant all on {DATABASE}.* to {USER}@'%'")
            return
        except pymysql.MySQLError as error:
            if process.poll() is not None or time.monotonic() > give_up:
                raise MariaUnavailable(f"the server did not start: {error}\n{log.read_text()}") from error
            time.sleep(0.1)
