"""The whole stack: brings its parts up in order, keeps them up, takes them down in order."""

import asyncio
import contextlib
import fcntl
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from activities.database.examples import add_examples
from activities.database.roles import GATEWAY, KEYS, OPERATOR, OWNER
from activities.secrecy.key_file import make_key_file
from workers.errors import UserError
from workers.gateway.identity import kept
from workers.gateway.identity.kept import Identity
from workers.gateway.settings import DEFAULT_CLIENT
from workers.settings import DEVELOPMENT_BUILD, STACK_FILE, Stack
from workers.signing import make_signing_keys
from workers.stack.extra import require_servers
from workers.stack.gateway import GatewayProcess
from workers.stack.mail import MailSink
from workers.stack.parts import Command, Part, run
from workers.stack.ports import HOST, Ports, free_port
from workers.stack.postgres import PostgresServer
from workers.stack.processes import DATABASE_ROLES, WorkerKind, WorkerProcess, own_command
from workers.stack.supervisor import Report, Supervisor
from workers.stack.temporal import TemporalPorts, TemporalServer

LOCK_FILE = "lock"
FOLDERS = ("logs", "temporal", "mail", "lists", "keys", "signing")
"""What a stack keeps in its folder, beside the database, the lock and stack.json."""

ONLY_OURS = 0o077
"""The umask under which names and letters are written: nobody else reads them."""
EXAMPLE_SENDER = "55555555"
"""A number with the bank's processing centre that is nobody's."""
PATIENCE_SECONDS = 10.0
"""How long a stack that was killed may take to give up its ports."""


class DevStack:
    """All parts of the stack over one folder.

    Args:
        data_dir: Where everything is kept.
        ports: Where the parts listen.
        report: Told what happens while it runs.
        time_skipping: Whether workflows may be fast-forwarded.
        database_url: A PostgreSQL that runs already, used instead of one of our own.
        workers: How many processes share each kind of work.
        encrypted: Whether histories are, by a master key in the folder.
        require_signed: Whether messages that nobody has stamped are refused, as in production.

    Raises:
        UserError: the folder is encrypted, and was asked for plainly.
    """

    def __init__(
        self,
        data_dir: Path,
        ports: Ports,
        report: Report,
        *,
        time_skipping: bool = False,
        database_url: str | None = None,
        workers: int = 1,
        encrypted: bool = True,
        require_signed: bool = False,
    ) -> None:
        self._data_dir = data_dir.absolute()
        self._ports = ports
        self._report = report
        self._given_database_url = database_url
        key_file = self._data_dir / "keys" / "master.json"
        if not encrypted and key_file.exists():
            raise UserError(
                f"{data_dir} is encrypted, and could not be read without its keys: start it "
                f"without --plain, or choose another folder with --data."
            )
        self._key_file = key_file if encrypted else None
        self._require_signed = require_signed
        self._signing = {
            name: self._data_dir / "signing" / f"{name}.json"
            for name in ("gateway", "service", "believed")
        }
        self._supervisor = Supervisor(report)
        logs = self.logs_dir
        self._postgres = PostgresServer(self._data_dir / "postgres", log_file=logs / "postgres.log")
        self._temporal = TemporalServer(
            logs / "temporal.log",
            # The UI asks nobody who they are: the gateway stands where people look for it.
            ports=TemporalPorts(ports.temporal, free_port(), ports.http),
            database_file=self._data_dir / "temporal" / "temporal.db",
            time_skipping=time_skipping,
        )
        self._mail = MailSink(
            self._data_dir / "mail",
            logs / "mail.log",
            smtp_port=ports.smtp,
            page_port=ports.mail_page,
        )
        self._workers = [
            self._worker(kind, number) for kind in WorkerKind for number in range(1, workers + 1)
        ]
        self._gateway: GatewayProcess | None = None
        self.new_identity: Identity | None = None
        """The users, if this start has made them."""

    def _worker(self, kind: WorkerKind, number: int) -> WorkerProcess:
        own = f"-{number}" if number > 1 else ""
        log_file = self.logs_dir / f"worker-{kind}{own}.log"
        return WorkerProcess(kind, self._temporal, self._environment_of(kind), log_file, number)

    def _door(self) -> GatewayProcess:
        """The gateway, with users that are made when the folder has none yet."""
        identity, new = kept.ready(self.identity_file)
        self.new_identity = identity if new else None
        env = {
            **self._environment,
            **self._database_as(GATEWAY),
            "MEDLEMSFLYT_GATEWAY_URL": self.gateway_url,
            "MEDLEMSFLYT_GATEWAY_CODEC": self.codec_url,
            "MEDLEMSFLYT_GATEWAY_UI": self._temporal.ui_url,
            "MEDLEMSFLYT_GATEWAY_HTTP_API": self._temporal.http_url,
            "MEDLEMSFLYT_GATEWAY_KEY": identity.session_key,
            "MEDLEMSFLYT_OIDC_ISSUER": f"{self.gateway_url}{kept.PATH}",
            "MEDLEMSFLYT_OIDC_CLIENT_ID": DEFAULT_CLIENT,
            "MEDLEMSFLYT_OIDC_CLIENT_SECRET": identity.client_secret,
            "MEDLEMSFLYT_IDENTITY_FILE": str(self.identity_file),
            "MEDLEMSFLYT_SIGNING_KEY_FILE": str(self._signing["gateway"]),
        }
        return GatewayProcess(self._ports.ui, env, self.logs_dir / "gateway.log")

    @property
    def identity_file(self) -> Path:
        """Where the users of this stack are kept."""
        return self._data_dir / kept.FILE

    @property
    def gateway_url(self) -> str:
        """What people and systems call the gateway, with the Temporal UI behind it."""
        return f"http://{HOST}:{self._ports.ui}"

    @property
    def codec_url(self) -> str:
        """Where `temporal --codec-endpoint` has payloads encrypted and decrypted."""
        return f"http://{HOST}:{self._ports.codec}"

    @property
    def logs_dir(self) -> Path:
        """Where each part writes its log."""
        return self._data_dir / "logs"

    async def start(self) -> Stack:
        """Bring everything up and write stack.json once all parts answer.

        Returns:
            Where the parts answer.

        Raises:
            UserError: When a server is not installed, a port is taken, or a part other than a
                worker does not come up.
        """
        require_servers(own_database=self._given_database_url is None)
        left_over = self._data_dir / STACK_FILE
        await self._ports.claim(patience=PATIENCE_SECONDS if left_over.exists() else 0)
        left_over.unlink(missing_ok=True)
        self.logs_dir.mkdir(exist_ok=True)
        if self._key_file is not None:
            make_key_file(self._key_file)
        make_signing_keys(**self._signing)
        try:
            async with asyncio.TaskGroup() as starting:
                for part in self._servers:
                    starting.create_task(part.start())
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        if self._given_database_url is None:
            await self._postgres.create_database()
        await run(
            Command(own_command("migrate"), env={**self._environment, **self._database_as(OWNER)}),
            name="medlemsflyt migrate",
            log_file=self.logs_dir / "migrate.log",
            timeout=120,
        )
        await add_examples(self._database_url(OWNER))
        self._gateway = self._door()
        await self._supervisor.watch(*self._servers, *self._workers, self._gateway)
        await run(
            Command(own_command("schedules"), env=self._environment),
            name="medlemsflyt schedules",
            log_file=self.logs_dir / "schedules.log",
            timeout=120,
        )
        stack = Stack(
            temporal_address=self._temporal.address,
            namespace=self._temporal.namespace,
            ui_url=self.gateway_url,
            http_url=self._temporal.http_url,
            database_url=self._database_url(OPERATOR),
            mail_dir=str(self._mail.mail_dir),
            mail_url=self._mail.url,
            codec_url=self.codec_url,
            gateway_url=self.gateway_url,
            allow_synthetic_ids=True,
            master_key=self._keys.get("MEDLEMSFLYT_MASTER_KEY"),
            keys_database_url=self._keys.get("MEDLEMSFLYT_KEYS_DATABASE_URL"),
        )
        stack.write(self._data_dir)
        return stack

    async def stop(self) -> None:
        """Take everything down: first who uses the servers, then the servers. Safe to repeat."""
        (self._data_dir / STACK_FILE).unlink(missing_ok=True)
        door = [self._gateway] if self._gateway else []
        await self._supervisor.stop(*self._workers, *door)
        await self._supervisor.stop(*self._servers)

    @property
    def _servers(self) -> list[Part]:
        own_database: list[Part] = [] if self._given_database_url else [self._postgres]
        return [*own_database, self._temporal, self._mail]

    def _database_url(self, role: str) -> str:
        """The database for one role; a given one as it was given: we know no passwords there."""
        return self._given_database_url or self._postgres.url(role=role)

    def _database_as(self, role: str) -> dict[str, str]:
        return {"DATABASE_URL": self._database_url(role)}

    def _environment_of(self, kind: WorkerKind) -> dict[str, str]:
        """The settings of a worker: no more doors than it goes through."""
        found = dict(self._environment)
        if kind in DATABASE_ROLES:
            found |= self._database_as(DATABASE_ROLES[kind])
        if kind in {WorkerKind.PERSISTENCE, WorkerKind.WORKFLOWS}:
            found["MEDLEMSFLYT_BELIEVED_KEYS_FILE"] = str(self._signing["believed"])
            found["MEDLEMSFLYT_REQUIRE_SIGNED_ACTOR"] = str(int(self._require_signed))
        if kind is WorkerKind.PERSISTENCE:
            found["MEDLEMSFLYT_SIGNING_KEY_FILE"] = str(self._signing["service"])
        if kind is WorkerKind.NOTIFICATIONS:
            found |= self._mail_server
        return found

    @property
    def _keys(self) -> dict[str, str]:
        """The settings of whoever reaches Temporal, where histories are encrypted."""
        if self._key_file is None:
            return {}
        return {
            "MEDLEMSFLYT_MASTER_KEY": f"file:{self._key_file}",
            "MEDLEMSFLYT_KEYS_DATABASE_URL": self._database_url(KEYS),
        }

    @property
    def _mail_server(self) -> dict[str, str]:
        return {
            "SMTP_HOST": HOST,
            "SMTP_PORT": str(self._ports.smtp),
            "SMTP_TLS": "none",
            "SMTP_FROM": "post@example.org",
            "MEDLEMSFLYT_LIST_FOLDER": str((self._data_dir / "lists").resolve()),
        }

    @property
    def _environment(self) -> dict[str, str]:
        """The settings that all workers and commands have alike."""
        return {
            "TEMPORAL_ADDRESS": self._temporal.address,
            "TEMPORAL_NAMESPACE": self._temporal.namespace,
            "MEDLEMSFLYT_UI_URL": self.gateway_url,
            "MEDLEMSFLYT_ENVIRONMENT": "development",
            "MEDLEMSFLYT_BUILD_ID": DEVELOPMENT_BUILD,
            "MEDLEMSFLYT_PROMOTE": "1",
            "MEDLEMSFLYT_ALLOW_SYNTHETIC_IDS": "1",
            "MEDLEMSFLYT_UNION_GIRO_SENDER": EXAMPLE_SENDER,
            "MEDLEMSFLYT_LOG": "json",
            **self._keys,
        }


@contextmanager
def sole_use(data_dir: Path) -> Iterator[None]:
    """Hold a folder for this process alone, making it if needed; others may not read it.

    All that this process and its children write meanwhile is closed to others as well.

    Raises:
        UserError: When another `medlemsflyt dev` holds it.
    """
    before = os.umask(ONLY_OURS)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        _tighten(data_dir)
        with _locked(data_dir):
            yield
    finally:
        os.umask(before)


def _tighten(data_dir: Path) -> None:
    """Close to others what an earlier version, or somebody's mkdir, left open to them."""
    ours = not any(data_dir.iterdir()) or (data_dir / LOCK_FILE).exists()
    if ours:  # a folder with other things in it may have other readers
        with contextlib.suppress(PermissionError):  # nor is one that somebody else lends us
            data_dir.chmod(0o700)
    for folder in (data_dir / name for name in FOLDERS):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o700)
    for pattern in ("logs/*", "temporal/*", "mail/*", STACK_FILE, LOCK_FILE):
        for file in data_dir.glob(pattern):
            if file.is_file() and not file.is_symlink():
                file.chmod(0o600)


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    with (data_dir / LOCK_FILE).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise UserError(
                f"{data_dir} is already served by a running `medlemsflyt dev` (process "
                f"{lock.read().strip()}): use that one, stop it first, or choose another folder "
                f"with --data and other ports with --port-offset."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


async def serve(data_dir: Path, stack: DevStack, announce: Callable[[Stack], None]) -> None:
    """Run a stack until SIGINT or SIGTERM.

    Args:
        data_dir: The stack's folder.
        stack: What to run.
        announce: Told once, when all parts answer.

    Raises:
        UserError: As `DevStack.start`, and when the folder is in use.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    with sole_use(data_dir):
        stopped = asyncio.create_task(stopping.wait())
        started = asyncio.create_task(stack.start())
        try:
            await asyncio.wait({started, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if started.done():
                announce(started.result())
                await stopped
        finally:
            started.cancel()
            stopped.cancel()
            await asyncio.gather(started, stopped, return_exceptions=True)
            await stack.stop()
