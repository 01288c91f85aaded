"""Secrets come from files, and production reaches other machines by protected doors only."""

import pytest

from tests.stack.test_settings import NO_PROFILE
from tests.stack.test_variables import PRODUCTION
from workers.doors import without_password
from workers.errors import UserError
from workers.settings import load_settings

BARE = "postgresql://medlemsflyt_operator@db.example.org:5432/medlemsflyt"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.fixture
def secrets(tmp_path):
    """Write files of secrets, and return the variables that lead to them."""

    def write(**files):
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        return {**NO_PROFILE, "MEDLEMSFLYT_SECRETS_DIR": str(tmp_path)}

    return write


def test_a_secret_is_a_file_named_as_the_variable(secrets):
    """In capitals or small letters, with or without an end of line; the environment comes first."""
    given = secrets(DATABASE_PASSWORD="hemmelig/ord@1\n", temporal_api_key="nøkkel", smtp_host="x")
    settings = load_settings(
        {**given, "DATABASE_URL": BARE, "SMTP_HOST": "", "SMTP_FROM": "a@b.no"}
    )
    assert settings.database_url == (
        "postgresql://medlemsflyt_operator:hemmelig%2Ford%401@db.example.org:5432/medlemsflyt"
    )
    assert settings.temporal["api_key"] == "nøkkel"
    assert settings.smtp.host == "x"
    first = load_settings({**given, "SMTP_HOST": "y", "SMTP_FROM": "a@b.no"})
    assert first.smtp.host == "y"


def test_no_secret_is_shown(secrets):
    """Neither a printed settings object nor what is refused holds one."""
    given = secrets(
        database_password="kanari1", smtp_password="kanari2", temporal_api_key="kanari3"
    )
    mail = {"SMTP_HOST": "m", "SMTP_FROM": "a@b.no", "SMTP_TLS": "tls", "SMTP_USERNAME": "u"}
    assert "kanari" not in repr(load_settings({**given, **mail, "DATABASE_URL": BARE}))
    for wrong in ("postgresql://u:other@db/x", "postgresql://db/x"):
        with pytest.raises(UserError, match="DATABASE_PASSWORD is the password of") as refused:
            load_settings({**given, **mail, "DATABASE_URL": wrong})
        assert "kanari" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:kanari@db:5432/x", "postgresql://u@db:5432/x"),
        ("postgresql://u@/x?host=/run/pg&password=kanari", "postgresql://u@/x?host=/run/pg"),
        ("postgresql://db/x", "postgresql://db/x"),
    ],
)
def test_an_address_is_shown_without_its_password(url, shown):
    """What `dev` prints of a database that it was given."""
    assert without_password(url) == shown


@pytest.mark.parametrize("content", [b"kanari\nkanari", b"kanari\xff", b"kan\x00ari"])
def test_a_secret_that_is_none_is_told_without_it(secrets, tmp_path, content):
    """Several lines or bytes that are no text: the file is named, and nothing of what it holds."""
    given = secrets()
    (tmp_path / "SMTP_PASSWORD").write_bytes(content)
    with pytest.raises(UserError, match="SMTP_PASSWORD") as refused:
        load_settings(given)
    assert "kan" not in str(refused.value).replace(str(tmp_path), "")
    assert refused.value.__cause__ is None


def test_a_folder_of_secrets_that_is_not_there():
    """It is said at once: the passwords would be missing, and nobody would know why."""
    with pytest.raises(UserError, match="MEDLEMSFLYT_SECRETS_DIR=/nowhere is no folder"):
        load_settings({**NO_PROFILE, "MEDLEMSFLYT_SECRETS_DIR": "/nowhere"})


def test_an_authority_makes_the_connection_look():
    """Whatever the URL says of it: the last word counts."""
    given = {
        **NO_PROFILE,
        "DATABASE_URL": f"{BARE}?sslmode=disable",
        "DATABASE_CA_PATH": "/c a.pem",
    }
    assert load_settings(given).database_url == (
        f"{BARE}?sslmode=disable&sslmode=verify-full&sslrootcert=/c%20a.pem"
    )


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u@db.example.org/x",
        "postgresql://u@db.example.org/x?sslmode=require",
        "postgresql://u@db.example.org/x?sslmode=verify-full&sslmode=prefer",
        "postgresql://u@10.0.0.7:5432/x",
        "postgresql://u@localhost:1,db:2/x",
        "postgresql://u@[2001:db8::1]:5432/x",
        "postgresql://u@/x?host=db.example.org",
        "postgresql://u@postgres:5432/x",
    ],
)
def test_production_knows_which_database_it_reaches(url):
    """Another machine without a certificate that is looked at, also one host of several."""
    with pytest.raises(UserError, match="DATABASE_CA_PATH"):
        load_settings({**PRODUCTION, "DATABASE_URL": url})
    assert load_settings({**NO_PROFILE, "DATABASE_URL": url}).database_url == url
    protected = load_settings({**PRODUCTION, "DATABASE_URL": url, "DATABASE_CA_PATH": "/ca.pem"})
    assert protected.database_url.endswith("sslmode=verify-full&sslrootcert=/ca.pem")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u@localhost/x",
        "postgresql://u@127.0.0.1:5432/x",
        "postgresql://u@[::1]:5432/x",
        "postgresql://u@/x?host=/run/postgresql",
        "postgresql://u@/x",
        "postgresql://u@db/x?sslmode=verify-full&sslrootcert=/ca.pem",
    ],
)
def test_production_takes_a_database_of_this_machine_or_a_known_one(url):
    """Nobody listens within the machine; a socket needs no certificate."""
    assert load_settings({**PRODUCTION, "DATABASE_URL": url}).database_url == url


def test_a_host_of_the_drivers_own_variable_counts():
    """PGHOST leads elsewhere where the URL names no host, and PGSSLMODE says how."""
    given = {**PRODUCTION, "DATABASE_URL": "postgresql://u@/x", "PGHOST": "db.example.org"}
    with pytest.raises(UserError, match=r"db\.example\.org"):
        load_settings(given)
    assert load_settings({**given, "PGSSLMODE": "verify-full"}).database_url


@pytest.mark.parametrize(
    "tls",
    [
        {},
        {"TEMPORAL_TLS": "true"},
        {"TEMPORAL_API_KEY": "key", "TEMPORAL_TLS": "false"},
    ],
)
def test_production_is_known_to_temporal(tls):
    """Without a certificate or a key anybody could be us, and no key is sent in the clear."""
    far = {**PRODUCTION, "TEMPORAL_ADDRESS": "temporal.example.org:7233"}
    with pytest.raises(UserError, match=r"TEMPORAL_ADDRESS=temporal\.example\.org:7233 would be"):
        load_settings({**far, **tls})
    load_settings({**far, **tls, "MEDLEMSFLYT_ENVIRONMENT": "development"})


@pytest.mark.parametrize("address", ["localhost:7233", "127.0.0.1:7233", "[::1]:7233"])
def test_production_takes_temporal_of_this_machine(address):
    """By a loopback address it may be in the clear."""
    load_settings({**PRODUCTION, "TEMPORAL_ADDRESS": address})


def test_production_takes_a_certificate_or_a_key(tmp_path):
    """A certificate of ours from files (mTLS), or a key from a file of the secrets."""
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text(CERTIFICATE)
    far = {**PRODUCTION, "TEMPORAL_ADDRESS": "temporal.example.org:7233"}
    mutual = {
        "TEMPORAL_TLS_CLIENT_CERT_PATH": str(tmp_path / "cert.pem"),
        "TEMPORAL_TLS_CLIENT_KEY_PATH": str(tmp_path / "key.pem"),
    }
    assert load_settings({**far, **mutual}).temporal["tls"].client_cert
    (tmp_path / "TEMPORAL_API_KEY").write_text("key")
    found = load_settings({**far, "MEDLEMSFLYT_SECRETS_DIR": str(tmp_path)})
    assert found.temporal["api_key"] == "key"
