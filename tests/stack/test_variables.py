"""What is said of each variable of the environment is what is read."""

import ast
import os
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from workers import doors, given, settings
from workers.errors import UserError
from workers.gateway import settings as gateway
from workers.settings import UnionSettings, load_settings
from workers.variables import CONTAINERS, REQUIRED, SECTIONS, TEMPORAL

ROOT = Path(__file__).parents[2]
VARIABLES = tuple(chain.from_iterable(SECTIONS.values()))
OURS = [variable for variable in VARIABLES if variable not in TEMPORAL]

NO_PROFILE = {"TEMPORAL_CONFIG_FILE": os.devnull}
NEEDED = {
    **NO_PROFILE,
    "SMTP_HOST": "mail.example.org",
    "SMTP_FROM": "medlem@example.org",
    "SMTP_TLS": "starttls",
}
PRODUCTION = {
    **NEEDED,
    "MEDLEMSFLYT_ENVIRONMENT": "production",
    **{v.name: v.default for v in VARIABLES if v.production == REQUIRED},
}
ANOTHER = {
    "DATABASE_URL": "postgresql://someone@db.example.org/other",
    "DATABASE_CA_PATH": "/etc/ca.pem",
    "DATABASE_PASSWORD": "of our own",
    "DATABASE_POOLING": "transaction",
    "MEDLEMSFLYT_HEALTH_LISTEN": "9464",
    "MEDLEMSFLYT_TRACES_URL": "http://127.0.0.1:4318/v1/traces",
    "MEDLEMSFLYT_LIST_FOLDER": "/srv/lists",
    "MEDLEMSFLYT_UNION_STATUTES_URL": "https://union.example/statutes",
    "MEDLEMSFLYT_UNION_PRIVACY_URL": "https://union.example/privacy",
    "MEDLEMSFLYT_UNION_INSURANCE_URL": "https://union.example/insurance",
    "MEDLEMSFLYT_PROMOTE": "0",
    "MEDLEMSFLYT_ALLOW_SYNTHETIC_IDS": "1",
    "MEDLEMSFLYT_SIGNING_KEY_FILE": "/srv/keys/service.json",
    "MEDLEMSFLYT_BELIEVED_KEYS_FILE": "/srv/keys/believed.json",
    "MEDLEMSFLYT_REQUIRE_SIGNED_ACTOR": "1",
    "MEDLEMSFLYT_GATEWAY_URL": "https://medlem.example.org",
    "MEDLEMSFLYT_GATEWAY_LISTEN": "0.0.0.0:8233",
    "MEDLEMSFLYT_GATEWAY_UI": "http://temporal-ui:8080",
    "MEDLEMSFLYT_GATEWAY_HTTP_API": "http://temporal:7243",
    "MEDLEMSFLYT_GATEWAY_KEY": "made by chance, with 32 characters",
    "MEDLEMSFLYT_GATEWAY_RATE": "5/second",
    "MEDLEMSFLYT_OIDC_ISSUER": "https://login.example.org/realms/union",
    "MEDLEMSFLYT_OIDC_ROLES": "saksbehandlere=caseworker",
    "SMTP_PORT": "2525",
    "SMTP_FROM": "else@example.org",
    "SMTP_TLS": "tls",
    "TEMPORAL_TLS": "true",
}
"""A value that is not the default, where not any text will do."""


def constants(path: Path) -> Iterator[str]:
    """The texts that stand in a file of code."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def read(environ: dict[str, str]) -> object:
    """What is made of the variables; what is refused is told by the text of the refusal."""
    try:
        return load_settings(environ)
    except UserError as error:
        return str(error)


def test_every_variable_that_is_read_is_explained():
    """Whatever the code asks the environment for stands in the table, once."""
    own = re.compile(r"(DATABASE|SMTP|MEDLEMSFLYT)_[A-Z_]*[A-Z]")
    readers = [Path(str(module.__file__)) for module in (given, doors, gateway)]
    readers += Path(str(settings.__file__)).parent.glob("*.py")
    asked = {text for file in readers for text in constants(file)}
    asked = {text for text in asked if own.fullmatch(text)}
    asked |= {f"MEDLEMSFLYT_UNION_{field.upper()}" for field in UnionSettings.__dataclass_fields__}
    assert sorted(variable.name for variable in OURS) == sorted(asked)


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_variable_that_is_explained_is_read(variable, tmp_path):
    """Another value makes other settings, or is refused."""
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.default]\naddress = "other:7233"\n')
    before = {**NEEDED, "DATABASE_URL": "postgresql://someone@localhost/medlemsflyt"}
    changed = read({**before, variable.name: ANOTHER.get(variable.name, str(file))})
    assert changed != load_settings(before)


@pytest.mark.parametrize(
    "variable", [v for v in VARIABLES if v.default], ids=lambda variable: variable.name
)
def test_a_default_is_what_counts_without_it(variable):
    """To set a variable to its default changes nothing."""
    without = {name: value for name, value in NEEDED.items() if name != "SMTP_TLS"}
    assert load_settings({**without, variable.name: variable.default}) == load_settings(without)


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_what_production_insists_on(variable):
    """Left out there, it is refused by name exactly where the table says so."""
    left_out = {name: value for name, value in PRODUCTION.items() if name != variable.name}
    refused = f"{variable.name} is not set: production has no default" in str(read(left_out))
    assert refused == (variable.production == REQUIRED)


def test_what_production_has_instead():
    """The build is that of the code, and nobody takes over by starting."""
    found = load_settings(PRODUCTION)
    table = {variable.name: variable for variable in VARIABLES}
    assert found.build_id not in {"dev", table["MEDLEMSFLYT_BUILD_ID"].default}
    assert found.promote is (table["MEDLEMSFLYT_PROMOTE"].production == "1")


def test_the_containers_ask_for_no_other():
    """What docker-compose.yml takes from outside is explained, its own defaults with it."""
    lines = (ROOT / "docker-compose.yml").read_text().splitlines()
    compose = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    asked = dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", compose))
    own = {variable.name: variable.default for variable in CONTAINERS}
    assert {name: asked.get(name) for name in own} == own
    assert asked.keys() - own.keys() <= {variable.name for variable in VARIABLES}
