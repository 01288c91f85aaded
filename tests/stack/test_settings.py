"""Settings from the environment, and the record of a running stack."""

import json
import os
from dataclasses import replace

import pytest

from workers import running
from workers.builds import code_build
from workers.cli.shared.connections import reach_temporal
from workers.cli.stack import worker
from workers.errors import UserError
from workers.running import ACTIVITIES_CONVERTER
from workers.settings import (
    Environment,
    SmtpTls,
    Stack,
    load_settings,
    load_stack,
    resolve_settings,
)
from workers.stack.processes import WorkerKind

NO_PROFILE = {"TEMPORAL_CONFIG_FILE": os.devnull}
MAIL = {"SMTP_HOST": "mail.example.org", "SMTP_FROM": "medlem@example.org"}
PRODUCTION = {
    "MEDLEMSFLYT_ENVIRONMENT": "production",
    "MEDLEMSFLYT_CASEWORKER_EMAIL": "a@example.org",
    "MEDLEMSFLYT_INSURANCE_EMAIL": "b@example.org",
    "MEDLEMSFLYT_UI_URL": "https://ui.example.org",
    "MEDLEMSFLYT_UNION_NAME": "Lederne",
    "MEDLEMSFLYT_UNION_ORGNR": "999999999",
    "MEDLEMSFLYT_UNION_ADDRESS": "Eksempelveien 1, 0001 Oslo",
    "MEDLEMSFLYT_UNION_EMAIL": "post@example.org",
    "MEDLEMSFLYT_UNION_ACCOUNT_NUMBER": "12345678903",
}
STACK = Stack(
    temporal_address="127.0.0.1:7333",
    namespace="default",
    ui_url="http://127.0.0.1:8333",
    http_url="http://127.0.0.1:7343",
    database_url="postgresql://medlemsflyt@/medlemsflyt?host=/somewhere",
    mail_dir="/somewhere/mail",
    mail_url="http://127.0.0.1:8125",
)


def test_nothing_set_means_a_local_server():
    """Without any variable Temporal is expected on this machine, and nothing else is assumed."""
    settings = load_settings(NO_PROFILE)
    assert settings.temporal == {"target_host": "localhost:7233", "namespace": "default"}
    assert settings.environment is Environment.DEVELOPMENT
    assert settings.allow_synthetic_ids is False
    assert settings.rules_url == "docs/rules.md"
    with pytest.raises(UserError, match="DATABASE_URL is not set"):
        settings.require_database_url()
    with pytest.raises(UserError, match="SMTP_HOST is not set"):
        settings.require_smtp()


def test_temporal_variables_and_profiles(tmp_path):
    """A profile of Temporal's own file is used, and a variable overrides it."""
    profiles = tmp_path / "temporal.toml"
    profiles.write_text('[profile.prod]\naddress = "prod:7233"\nnamespace = "members"\n')
    settings = load_settings(
        {
            "TEMPORAL_CONFIG_FILE": str(profiles),
            "TEMPORAL_PROFILE": "prod",
            "TEMPORAL_NAMESPACE": "other",
        }
    )
    assert settings.temporal == {"target_host": "prod:7233", "namespace": "other"}


@pytest.mark.parametrize("file", ["CLIENT_CERT", "CLIENT_KEY", "SERVER_CA_CERT"])
def test_a_file_of_the_connection_that_is_not_there(file, tmp_path):
    """A certificate that can't be read is told in a sentence that names the file."""
    missing = str(tmp_path / "missing.pem")
    with pytest.raises(UserError, match=r"Temporal's settings .*missing\.pem"):
        load_settings({**NO_PROFILE, f"TEMPORAL_TLS_{file}_PATH": missing})


@pytest.mark.parametrize(
    "wrong",
    [
        "postgresql://[::1/medlemsflyt",
        "postgresql://user:s3cret@db:notaport/medlemsflyt",
        "postgresql://user:s3cret/word@db:5432/medlemsflyt",
        "postgresql://user:s3cret#word@db:5432/medlemsflyt",
    ],
)
def test_a_database_url_that_is_torn(wrong):
    """It is told at once, with what to do about a password, and without a piece of it."""
    with pytest.raises(UserError, match=r"DATABASE_URL can't be read.*%2F") as refused:
        load_settings({**NO_PROFILE, "DATABASE_URL": wrong})
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "right",
    [
        "postgresql://user@/medlemsflyt?host=/run/postgresql",
        "postgresql://user:a%2Fb@[::1]:5432/medlemsflyt",
        "postgresql://user:word@one:5432,other:5433/medlemsflyt",
    ],
)
def test_a_database_url_of_any_form(right):
    """A socket, an address in brackets and several hosts are taken as they stand."""
    assert load_settings({**NO_PROFILE, "DATABASE_URL": right}).require_database_url() == right


WAYS_TO_TEMPORAL = {
    "a command": reach_temporal,
    "a worker": lambda settings: running.connect(settings, ACTIVITIES_CONVERTER),
    "a worker's health": lambda settings: worker._check(settings, WorkerKind.PERSISTENCE),
    "a build": lambda settings: worker._promote(settings, WorkerKind.WORKFLOWS),
}


@pytest.mark.parametrize("way", WAYS_TO_TEMPORAL.values(), ids=WAYS_TO_TEMPORAL)
@pytest.mark.parametrize(
    "wrong",
    [{"TEMPORAL_ADDRESS": "::::"}, {"TEMPORAL_TLS_CLIENT_CERT_DATA": "no certificate"}],
    ids=["address", "half a certificate"],
)
async def test_what_can_be_no_server_is_told_at_once(way, wrong):
    """Nobody waits for a server that can't be: a sentence says which settings are wrong."""
    with pytest.raises(UserError, match=r"Temporal's settings \(TEMPORAL_\*\) can't be used"):
        await way(load_settings({**NO_PROFILE, **wrong}))


@pytest.mark.parametrize(("tls", "port"), [("none", 25), ("starttls", 587), ("tls", 465)])
def test_smtp_port_follows_the_protection(tls, port):
    """Each kind of protection has its customary port."""
    smtp = load_settings({**NO_PROFILE, **MAIL, "SMTP_TLS": tls}).require_smtp()
    assert (smtp.tls, smtp.port) == (SmtpTls(tls), port)


def test_passwords_are_not_printed():
    """Neither the database's nor the mail server's password shows in a printed settings object."""
    settings = load_settings(
        {
            **NO_PROFILE,
            **MAIL,
            "SMTP_TLS": "tls",
            "SMTP_USERNAME": "u",
            "SMTP_PASSWORD": "hush",
            "DATABASE_URL": "postgresql://u:hush@db/medlemsflyt",
            "TEMPORAL_API_KEY": "hush",
        }
    )
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"TEMPORAL_PROFILE": "nobody"}, "TEMPORAL_PROFILE"),
        ({"DATABASE_URL": "mysql://db/x"}, "DATABASE_URL must begin with postgresql://"),
        ({**MAIL, "SMTP_TLS": "ssl"}, "SMTP_TLS must be one of none, starttls, tls, not 'ssl'"),
        ({**MAIL, "SMTP_PORT": "many"}, "SMTP_PORT must be a port number"),
        ({**MAIL, "SMTP_PORT": "70000"}, "SMTP_PORT must be a port number"),
        ({"SMTP_HOST": "mail"}, "SMTP_FROM is not set"),
        ({**MAIL, "SMTP_USERNAME": "u"}, "SMTP_USERNAME and SMTP_PASSWORD belong together"),
        (
            {**MAIL, "SMTP_USERNAME": "u", "SMTP_PASSWORD": "p"},
            "SMTP_USERNAME needs a protected connection",
        ),
        ({**MAIL, "SMTP_FROM": "Us <us@example.org>"}, "SMTP_FROM must be an address alone"),
        ({"MEDLEMSFLYT_UNION_PRIVACY_URL": "javascript:x"}, "must be an address that begins with"),
        ({"MEDLEMSFLYT_UNION_PHONE": "22 54\n51 50"}, "MEDLEMSFLYT_UNION_PHONE must be one line"),
        ({**MAIL, "SMTP_FROM_NAME": "Us\nBcc: us@example.org"}, "SMTP_FROM_NAME must be one line"),
        ({"DATABASE_POOLING": "statement"}, "DATABASE_POOLING must be one of session, transaction"),
        ({"MEDLEMSFLYT_LOG": "xml"}, "MEDLEMSFLYT_LOG must be one of console, json"),
        ({"MEDLEMSFLYT_ENVIRONMENT": "prod"}, "MEDLEMSFLYT_ENVIRONMENT must be one of"),
        ({"MEDLEMSFLYT_ALLOW_SYNTHETIC_IDS": "yes"}, "must be 0 or 1"),
        ({"MEDLEMSFLYT_RULES_URL": "rules.md"}, "MEDLEMSFLYT_RULES_URL must begin with http"),
        ({"MEDLEMSFLYT_PROMOTE": "yes"}, "MEDLEMSFLYT_PROMOTE must be 0 or 1, not 'yes'"),
        ({"MEDLEMSFLYT_BUILD_ID": "no spaces"}, "MEDLEMSFLYT_BUILD_ID takes up to 100 letters"),
        (
            {**PRODUCTION, "MEDLEMSFLYT_ALLOW_SYNTHETIC_IDS": "1"},
            "MEDLEMSFLYT_ALLOW_SYNTHETIC_IDS=1 is refused in production",
        ),
        (
            {"MEDLEMSFLYT_ENVIRONMENT": "production"},
            "MEDLEMSFLYT_CASEWORKER_EMAIL is not set: production",
        ),
        ({**PRODUCTION, **MAIL}, "SMTP_TLS=none would send letters in the clear.*set SMTP_TLS to"),
        (
            {**PRODUCTION, **MAIL, "SMTP_TLS": "none", "SMTP_HOST": "10.0.0.7"},
            "SMTP_TLS=none would send letters in the clear",
        ),
        *(
            ({**PRODUCTION, **MAIL, "SMTP_TLS": "tls", "SMTP_HOST": host}, "delivers to nobody")
            for host in ("mail", "Mail", "mail.")
        ),
        (
            {**PRODUCTION, **MAIL, "SMTP_TLS": "tls", "SMTP_FROM": "post@example.org"},
            "SMTP_FROM=post@example.org is the example",
        ),
        *(
            ({**PRODUCTION, "DATABASE_URL": f"postgresql://{rest}"}, "the password that everybody")
            for rest in (
                "medlemsflyt:medlemsflyt@postgres:5432/medlemsflyt",
                "union:medlems%66lyt@db/members",
                "union@db/members?sslmode=require&password=medlemsflyt",
            )
        ),
    ],
)
def test_wrong_value_is_named(variables, complaint):
    """What is wrong is said in a sentence that names the variable."""
    with pytest.raises(UserError, match=complaint):
        load_settings({**NO_PROFILE, **variables})


@pytest.mark.parametrize(
    "variables",
    [
        {"SMTP_TLS": "starttls"},
        {"SMTP_TLS": "tls"},
        {"SMTP_TLS": "none", "SMTP_HOST": "localhost"},
        {"SMTP_TLS": "none", "SMTP_HOST": "127.0.0.1"},
        {"SMTP_TLS": "none", "SMTP_HOST": "::1"},
    ],
)
def test_production_takes_what_is_protected(variables):
    """A protected connection, or a relay on this machine, and a password of the union's own."""
    url = "postgresql://medlemsflyt:of%20our%20own@localhost:5432/medlemsflyt"
    settings = load_settings({**NO_PROFILE, **PRODUCTION, **MAIL, **variables, "DATABASE_URL": url})
    assert settings.database_url == url
    assert settings.smtp is not None


def test_a_developers_machine_may_have_what_production_may_not():
    """The defaults of docker-compose.yml work as they stand."""
    settings = load_settings(
        {
            **NO_PROFILE,
            "SMTP_HOST": "mail",
            "SMTP_FROM": "post@example.org",
            "DATABASE_URL": "postgresql://medlemsflyt:medlemsflyt@postgres:5432/medlemsflyt",
        }
    )
    assert settings.smtp is not None


def test_builds_take_over_by_themselves_only_in_development():
    """On a developer's machine one build runs everything; in production an operator decides."""
    settings = load_settings(NO_PROFILE)
    assert (settings.build_id, settings.promote) == ("dev", True)
    settings = load_settings({**NO_PROFILE, **PRODUCTION})
    assert (settings.build_id, settings.promote) == (code_build(), False)
    given = {"MEDLEMSFLYT_BUILD_ID": "2027-01", "MEDLEMSFLYT_PROMOTE": "1"}
    settings = load_settings({**NO_PROFILE, **PRODUCTION, **given})
    assert (settings.build_id, settings.promote) == ("2027-01", True)


def test_stack_record_has_the_contract_keys(tmp_path):
    """Other programs read stack.json by these names."""
    STACK.write(tmp_path)
    found = json.loads((tmp_path / "stack.json").read_text())
    contract = "temporal_address namespace ui_url http_url database_url mail_dir codec_url"
    assert found.keys() >= set(contract.split())
    assert load_stack(tmp_path) == STACK


def test_running_stack_comes_before_the_environment(tmp_path):
    """With --data the running stack is meant, whatever the environment names."""
    STACK.write(tmp_path)
    given = {**NO_PROFILE, "TEMPORAL_ADDRESS": "prod:7233", "DATABASE_URL": "postgresql://prod/x"}
    settings = resolve_settings(tmp_path, given)
    assert settings.temporal["target_host"] == STACK.temporal_address
    assert settings.database_url == STACK.database_url


def test_commands_take_the_numbers_that_the_stack_takes(tmp_path):
    """Synthetic ones where its workers take them; in production nowhere (N1)."""
    STACK.write(tmp_path)
    assert resolve_settings(tmp_path, NO_PROFILE).allow_synthetic_ids is False
    replace(STACK, allow_synthetic_ids=True).write(tmp_path)
    assert resolve_settings(tmp_path, NO_PROFILE).allow_synthetic_ids is True
    production = resolve_settings(tmp_path, PRODUCTION)
    assert production.allow_synthetic_ids is False


def test_default_folder_is_used_only_when_a_stack_runs_there(tmp_path, monkeypatch):
    """Without --data: the stack on .medlemsflyt if there is one, else the environment."""
    monkeypatch.chdir(tmp_path)
    given = {**NO_PROFILE, "TEMPORAL_ADDRESS": "prod:7233"}
    assert resolve_settings(None, given).temporal["target_host"] == "prod:7233"
    (tmp_path / ".medlemsflyt").mkdir()
    STACK.write(tmp_path / ".medlemsflyt")
    assert resolve_settings(None, given).temporal["target_host"] == STACK.temporal_address


@pytest.mark.parametrize("content", [None, "{", "[]", '{"namespace": "default"}'])
def test_missing_or_broken_record_says_what_to_do(tmp_path, content):
    """No stack, or a record nobody can read: the sentence names the command that helps."""
    if content is not None:
        (tmp_path / "stack.json").write_text(content)
    with pytest.raises(UserError, match="medlemsflyt dev --data"):
        load_stack(tmp_path)
