"""Private servers: sockets and data in a temporary folder, no port of the machine, ended after use."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.benchmarks.peers_parts.processes import STARTED_S, fresh_folder, lacking, running, until

_PORT = "54329"  # of the name of a socket only: the server listens on no network


def no_redis() -> str | None:
    return lacking("redis-server", "redis-server")


@contextmanager
def redis(folder: Path) -> Iterator[Path]:
    """Its socket. It keeps everything in memory and writes nothing to the disk, which is faster than its default."""
    place, said = folder / "redis.sock", folder / "redis.log"
    options = {"port": "0", "unixsocket": str(place), "save": "", "appendonly": "no", "dir": str(folder)}
    command = ["redis-server", *(word for name, value in options.items() for word in (f"--{name}", value))]
    with running(command, said, dict(os.environ)):
        until(lambda: _answers(place), "Redis", STARTED_S, said)
        yield place


def no_postgres() -> str | None:
    if _postgres_programs() is None:
        return "initdb not installed (Debian: postgresql)"
    if os.geteuid() == 0 and _other_user() is None:
        return "Postgres refuses to run as root, and there is neither a user postgres nor nobody"
    return None


@contextmanager
def postgres() -> Iterator[str]:
    """How to reach it, with all settings as `initdb` leaves them: a commit waits for the disk."""
    programs = _postgres_programs()
    assert programs
    user = _other_user() if os.geteuid() == 0 else None
    other = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    env = {"PATH": f"{programs}:/usr/bin:/bin", "LC_ALL": "C"}
    # Folders for temporary files can be closed to others; this one is open to all users.
    with fresh_folder("/tmp" if user else None) as folder:
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        data, said = folder / "data", folder / "postgres.log"
        make = [f"{programs}/initdb", "-D", str(data), "-A", "trust", "-U", "bench", "-E", "UTF8"]
        subprocess.run(make, cwd=folder, env=env, check=True, capture_output=True, **other)  # type: ignore[call-overload]
        settings = ["listen_addresses=", f"unix_socket_directories={folder}", f"port={_PORT}"]
        command = [f"{programs}/postgres", "-D", str(data), *(word for each in settings for word in ("-c", each))]
        # SIGINT: it ends now, and does not wait for those who are connected.
        with running(command, said, env, signal.SIGINT, cwd=folder, **other):
            until(lambda: "ready to accept connections" in said.read_text(), "Postgres", STARTED_S, said)
            yield f"host={folder} port={_PORT} user=bench dbname=postgres"


def _answers(place: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
        line.connect(str(place))
        line.sendall(b"PING\r\n")
        return line.recv(5) == b"+PONG"
    return False


def _postgres_programs() -> Path | None:
    """The folder of `initdb`: Debian keeps it off the path, one for each version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def _other_user() -> pwd.struct_passwd | None:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    return None
