"""What each variable of the environment means: `workers/settings` reads them.

Words only. Tests hold the names, the defaults and what production insists on against what is read,
and `docs/reference/settings.md` is made of it.
"""

from dataclasses import dataclass

WORKFLOWS = "workflows"
PERSISTENCE = "persistence"
NOTIFICATIONS = "notifications"
MIGRATE = "migrate"
COMMANDS = "commands"
GATEWAY = "gateway"
WORKERS = (WORKFLOWS, PERSISTENCE, NOTIFICATIONS)
CONNECTED = (*WORKERS, COMMANDS)
STORED = (PERSISTENCE, NOTIFICATIONS, COMMANDS)

REQUIRED = "required"


@dataclass(frozen=True)
class Variable:
    """One variable of the environment.

    Attributes:
        name: as it is set.
        means: what it is for, in Markdown.
        used_by: the processes that go by it.
        default: what counts where it is not set; empty where nothing does.
        production: what counts there instead; ``REQUIRED`` where it must be set.
        secret: whether it opens a door.
    """

    name: str
    means: str
    used_by: tuple[str, ...]
    default: str = ""
    production: str = ""
    secret: bool = False


TEMPORAL = (
    Variable(
        "TEMPORAL_ADDRESS",
        "Where the server answers. Production reaches another machine with our own certificate "
        "or a key only.",
        CONNECTED,
        "localhost:7233",
    ),
    Variable("TEMPORAL_NAMESPACE", "The namespace all workflows are in.", CONNECTED, "default"),
    Variable("TEMPORAL_API_KEY", "A key to the server; sent under TLS.", CONNECTED, secret=True),
    Variable("TEMPORAL_TLS", "`true`: the connection is protected.", CONNECTED),
    Variable("TEMPORAL_TLS_SERVER_NAME", "The name its certificate bears, if another.", CONNECTED),
    Variable(
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
        "File of the authority that signed the server's certificate.",
        CONNECTED,
    ),
    Variable("TEMPORAL_TLS_CLIENT_CERT_PATH", "File of our own certificate.", CONNECTED),
    Variable("TEMPORAL_TLS_CLIENT_KEY_PATH", "File of the key to it.", CONNECTED, secret=True),
    Variable("TEMPORAL_CONFIG_FILE", "A file of profiles, which may say all of this.", CONNECTED),
    Variable("TEMPORAL_PROFILE", "Which of its profiles; a variable overrides it.", CONNECTED),
    Variable(
        "TEMPORAL_DEPLOYMENT_NAME",
        "The worker deployment, as Temporal's worker controller for Kubernetes names it. Where it "
        "is set, that controller says which build is current.",
        (WORKFLOWS, COMMANDS),
    ),
    Variable(
        "TEMPORAL_WORKER_BUILD_ID",
        "The build, as that controller names it; `MEDLEMSFLYT_BUILD_ID` comes first.",
        (WORKFLOWS, COMMANDS),
    ),
)
"""Those of Temporal's own variables that an installation may need."""

DATABASE = (
    Variable(
        "DATABASE_URL",
        "`postgresql://user:password@host:5432/database`, or for a Unix socket "
        "`postgresql://user@/database?host=/directory/of/the/socket`. Production refuses the "
        "password of docker-compose.yml. With `dev` it names the server to use in place of one of "
        "our own.",
        (*STORED, MIGRATE, "dev"),
        secret=True,
    ),
    Variable(
        "DATABASE_PASSWORD",
        "The password of the user whom `DATABASE_URL` names without one, whatever is in it.",
        (*STORED, MIGRATE),
        secret=True,
    ),
    Variable(
        "DATABASE_CA_PATH",
        "File of the authority that signed the server's certificate, which is then looked at "
        "(`sslmode=verify-full`). Production insists on that for any host but this machine.",
        (*STORED, MIGRATE),
    ),
    Variable(
        "DATABASE_POOLING",
        "`transaction`: that is the address of a pooler in that mode, such as pgbouncer. "
        "`session`: it is the server's.",
        STORED,
        "session",
    ),
)

KEYS = (
    Variable(
        "MEDLEMSFLYT_MASTER_KEY",
        "What wraps the keys of Temporal's histories: `file:/path` on one machine, or "
        "`vault:mount/name`, a key of Vault's Transit engine. Left out: histories stand there in "
        "plain text.",
        CONNECTED,
    ),
    Variable(
        "MEDLEMSFLYT_PLAIN_CLIENTS",
        "`1`: clients that know no keys are served where histories are encrypted. Queries, and "
        "updates that came in plain text, are answered in plain text, and what `/encode` encrypted "
        "is taken from whoever sends it. `0`: they read cipher text, and go through the gateway.",
        (WORKFLOWS,),
        "1",
        "0",
    ),
    Variable(
        "MEDLEMSFLYT_KEYS_DATABASE_URL",
        "The database of those keys, as a role that sees the schema `keys` alone. Left out: as "
        "`DATABASE_URL`.",
        CONNECTED,
        secret=True,
    ),
    Variable("MEDLEMSFLYT_VAULT_URL", "Where Vault answers.", CONNECTED),
    Variable("MEDLEMSFLYT_VAULT_TOKEN", "A token that may use the key.", CONNECTED, secret=True),
    Variable("MEDLEMSFLYT_VAULT_NAMESPACE", "The namespace of Vault, if any.", CONNECTED),
    Variable(
        "MEDLEMSFLYT_VAULT_CA_FILE",
        "File of the authority that signed Vault's certificate.",
        CONNECTED,
    ),
)
"""What encrypts Temporal's histories (ADR 68 and 69)."""

MAIL = (
    Variable(
        "SMTP_HOST",
        "The mail server that takes all letters. Production refuses `mail`, the catcher of "
        "docker-compose.yml.",
        (NOTIFICATIONS,),
    ),
    Variable(
        "SMTP_PORT",
        "Its port. 587 with `starttls`, 465 with `tls`.",
        (NOTIFICATIONS,),
        "25",
    ),
    Variable(
        "SMTP_TLS",
        "`none`, `starttls` or `tls`. Production takes `none` for this machine only.",
        (NOTIFICATIONS,),
        "none",
    ),
    Variable("SMTP_USERNAME", "With a password and TLS only.", (NOTIFICATIONS,)),
    Variable("SMTP_PASSWORD", "With a user name only.", (NOTIFICATIONS,), secret=True),
    Variable(
        "SMTP_FROM",
        "The address that letters come from, alone; what comes back arrives there. Needed with "
        "`SMTP_HOST`. Production refuses `post@example.org`.",
        (NOTIFICATIONS,),
    ),
    Variable(
        "SMTP_FROM_NAME",
        "The name that mail readers show in place of that address. Left out: "
        "`MEDLEMSFLYT_UNION_NAME` and the word medlemsservice.",
        (NOTIFICATIONS,),
    ),
)

OURS = (
    Variable(
        "MEDLEMSFLYT_SECRETS_DIR",
        "A folder in which each file bears the name of a variable, in capitals or small letters, "
        "and holds its value. What the environment says comes first.",
        (*CONNECTED, MIGRATE),
        "/run/secrets",
    ),
    Variable(
        "MEDLEMSFLYT_ENVIRONMENT",
        "`development` or `production`, which refuses what only tests and a developer's machine "
        "may do.",
        (*CONNECTED, MIGRATE),
        "development",
    ),
    Variable(
        "MEDLEMSFLYT_LOG",
        "`console` or `json`. Left out: `console` in a terminal, else `json`.",
        (*WORKERS, MIGRATE),
    ),
    Variable(
        "MEDLEMSFLYT_HEALTH_LISTEN",
        "Port of a listener for operators, with `/live`, `/ready` and `/metrics`; alone it answers "
        "on this machine, `host:port` elsewhere too. It asks nobody who they are, and tells of no "
        "person. Left out: nothing is listened on.",
        (*WORKERS, GATEWAY),
    ),
    Variable(
        "MEDLEMSFLYT_TRACES_URL",
        "Where a collector takes traces, as OTLP over HTTP: `http://127.0.0.1:4318/v1/traces`. "
        "Production takes `https://`, or this machine. Left out: nothing is traced.",
        CONNECTED,
    ),
    Variable(
        "MEDLEMSFLYT_CASEWORKER_EMAIL",
        "Where tasks and what caseworkers pass on are sent.",
        (NOTIFICATIONS,),
        "caseworkers@example.org",
        REQUIRED,
    ),
    Variable(
        "MEDLEMSFLYT_INSURANCE_EMAIL",
        "Where the insurance office is written to.",
        (NOTIFICATIONS,),
        "insurance@example.org",
        REQUIRED,
    ),
    Variable(
        "MEDLEMSFLYT_UI_URL",
        "Address of the Temporal UI, for links.",
        (NOTIFICATIONS, COMMANDS),
        "http://localhost:8233",
        REQUIRED,
    ),
    Variable(
        "MEDLEMSFLYT_UI_LANGUAGE",
        "In which language the pages of memberships and settlements are drawn there: `nb` or `en`.",
        (WORKFLOWS,),
        "nb",
    ),
    Variable(
        "MEDLEMSFLYT_RULES_URL",
        "Where the page of the rules is shown: `explain` and letters to caseworkers link to it. "
        "The default is its path in the repository, and makes no links.",
        (NOTIFICATIONS, COMMANDS),
        "docs/rules.md",
    ),
    Variable(
        "MEDLEMSFLYT_UNION_NAME",
        "The union, as letters and invoices present it.",
        (NOTIFICATIONS,),
        "Lederne",
        REQUIRED,
    ),
    Variable(
        "MEDLEMSFLYT_UNION_ORGNR",
        "Its organisation number.",
        (NOTIFICATIONS,),
        "999999999",
        REQUIRED,
    ),
    Variable(
        "MEDLEMSFLYT_UNION_ADDRESS",
        "Its address, the lines separated by commas.",
        (NOTIFICATIONS,),
        "Eksempelveien 1, 0001 Oslo",
        REQUIRED,
    ),
    Variable(
        "MEDLEMSFLYT_UNION_EMAIL",
        "Where members write to.",
        (NOTIFICATIONS,),
        "post@example.org",
        REQUIRED,
    ),
    Variable(
        "MEDLEMSFLYT_UNION_ACCOUNT_NUMBER",
        "The account that is paid to; a bank's file for another is refused.",
        (PERSISTENCE, NOTIFICATIONS),
        "12345678903",
        REQUIRED,
    ),
    Variable(
        "MEDLEMSFLYT_UNION_GIRO_SENDER",
        "The union's customer number with the bank's processing centre, 8 digits: AvtaleGiro "
        "claims are sent under it, and nothing is claimed until it is set.",
        (PERSISTENCE,),
    ),
    Variable(
        "MEDLEMSFLYT_UNION_PHONE",
        "Where members ring; letters say it where it is set.",
        (NOTIFICATIONS,),
    ),
    Variable(
        "MEDLEMSFLYT_UNION_STATUTES_URL",
        "Where the statutes stand; the welcome letter names it.",
        (NOTIFICATIONS,),
    ),
    Variable(
        "MEDLEMSFLYT_UNION_PRIVACY_URL",
        "Where the privacy policy stands; the welcome letter names it.",
        (NOTIFICATIONS,),
    ),
    Variable(
        "MEDLEMSFLYT_UNION_INSURANCE_URL",
        "Where the insurance package's terms, sums and insurer stand; without it letters refer to "
        "the insurance office.",
        (NOTIFICATIONS,),
    ),
    Variable(
        "MEDLEMSFLYT_UNION_INSURER",
        "Whose insurance the package is; letters name it where it is set.",
        (NOTIFICATIONS,),
    ),
    Variable(
        "MEDLEMSFLYT_LIST_FOLDER",
        "An absolute path, where employers fetch their lists. Without it lists by way of a folder "
        "wait, with a task.",
        (NOTIFICATIONS,),
    ),
    Variable(
        "MEDLEMSFLYT_BUILD_ID",
        "Which build of the workflow code a worker runs, by its own word.",
        (WORKFLOWS,),
        "dev",
        "the version and a digest of the code",
    ),
    Variable(
        "MEDLEMSFLYT_PROMOTE",
        "`1`: starting a workflows worker makes its build the current one. `0`: you do.",
        (WORKFLOWS,),
        "1",
        "0",
    ),
    Variable(
        "MEDLEMSFLYT_ALLOW_SYNTHETIC_IDS",
        "`1`: national ids of test persons (month + 80) are accepted. Production refuses that.",
        (PERSISTENCE,),
        "0",
    ),
    Variable(
        "MEDLEMSFLYT_SIGNING_KEY_FILE",
        "The file of the key that this process stamps what it sends with: the service's own, or an "
        "operator's.",
        (PERSISTENCE, COMMANDS),
        secret=True,
    ),
    Variable(
        "MEDLEMSFLYT_BELIEVED_KEYS_FILE",
        "The file of the public keys whose stamps are believed.",
        (PERSISTENCE,),
    ),
    Variable(
        "MEDLEMSFLYT_REQUIRE_SIGNED_ACTOR",
        "`1`: a message that does not say by a stamp who sent it is refused.",
        (PERSISTENCE,),
        "0",
        "1",
    ),
)

DOOR = (
    Variable(
        "MEDLEMSFLYT_GATEWAY_URL",
        "What browsers and systems call the gateway, without a path; it answers to no other name. "
        "Production takes `https://` alone, but for a proxy of its own on this machine.",
        (GATEWAY,),
        "http://127.0.0.1:8233",
    ),
    Variable(
        "MEDLEMSFLYT_GATEWAY_LISTEN",
        "Host and port it listens on, where those are not its address's: behind a proxy that ends "
        "TLS.",
        (GATEWAY,),
    ),
    Variable(
        "MEDLEMSFLYT_GATEWAY_UI",
        "Where the Temporal UI answers the gateway, and nobody else.",
        (GATEWAY,),
        "http://127.0.0.1:8080",
    ),
    Variable(
        "MEDLEMSFLYT_GATEWAY_HTTP_API",
        "Where Temporal's HTTP API answers the gateway, and nobody else.",
        (GATEWAY,),
        "http://127.0.0.1:7243",
    ),
    Variable(
        "MEDLEMSFLYT_GATEWAY_KEY",
        "What cookies of logins are signed with: at least 32 characters, made by chance. Another "
        "one logs everybody out.",
        (GATEWAY,),
        secret=True,
    ),
    Variable(
        "MEDLEMSFLYT_GATEWAY_CODEC",
        "A second address of the gateway's, for `/encode` and `/decode` alone, as `dev` has it for "
        "`temporal --codec-endpoint`. Refused in production.",
        (GATEWAY,),
    ),
    Variable(
        "MEDLEMSFLYT_GATEWAY_RATE",
        "How many requests one person or system may make.",
        (GATEWAY,),
        "1200/minute",
    ),
    Variable(
        "MEDLEMSFLYT_OIDC_ISSUER",
        "The OpenID provider that logs people in and gives tokens to systems; what it says of "
        "itself is read below `/.well-known`.",
        (GATEWAY,),
    ),
    Variable(
        "MEDLEMSFLYT_OIDC_CLIENT_ID",
        "What the provider knows the gateway by; its redirect address is `/login/callback`.",
        (GATEWAY,),
        "medlemsflyt-gateway",
    ),
    Variable(
        "MEDLEMSFLYT_OIDC_CLIENT_SECRET", "The client's secret there.", (GATEWAY,), secret=True
    ),
    Variable(
        "MEDLEMSFLYT_OIDC_AUDIENCE",
        "Whom a system's token must be made for; never the client id.",
        (GATEWAY,),
        "medlemsflyt",
    ),
    Variable(
        "MEDLEMSFLYT_OIDC_ROLES_CLAIM",
        "Where in a token somebody's roles or groups stand, with dots between levels, as in "
        "`realm_access.roles`.",
        (GATEWAY,),
        "roles",
    ),
    Variable(
        "MEDLEMSFLYT_OIDC_ROLES",
        "The provider's groups and our roles, as in `saksbehandlere=caseworker,ledere=team_lead`; "
        "a group that is not named is none. Left out: they are called the same.",
        (GATEWAY,),
    ),
    Variable(
        "MEDLEMSFLYT_OIDC_BRANCH_CLAIM",
        "Where in a token the branch of somebody with the role `branch` stands.",
        (GATEWAY,),
        "branch",
    ),
    Variable(
        "MEDLEMSFLYT_IDENTITY_FILE",
        "The users that `medlemsflyt dev` makes, in place of a provider. Production refuses it.",
        (GATEWAY,),
    ),
)

SECTIONS = {
    "Temporal": TEMPORAL,
    "PostgreSQL": DATABASE,
    "Keys": KEYS,
    "The mail server": MAIL,
    "Medlemsflyt": OURS,
    "The gateway": DOOR,
}

_COMPOSE = ("docker-compose.yml",)

CONTAINERS = (
    Variable("MEDLEMSFLYT_VERSION", "Tag of our image.", _COMPOSE, "dev"),
    Variable(
        "MEDLEMSFLYT_PREVIOUS_VERSION",
        "Tag of the image that still serves older runs, with `--profile previous`.",
        _COMPOSE,
        "previous",
    ),
    Variable("MEDLEMSFLYT_PREVIOUS_BUILD_ID", "Its build id, if it was given one.", _COMPOSE),
    Variable(
        "MEDLEMSFLYT_SECRETS",
        "The folder of the files `owner_password`, `persistence_password`, "
        "`notifications_password`, `operator_password`, `gateway_password`, "
        "`administrator_password`, `keys_password`, `keys_database_url`, `grafana_password`, "
        "`smtp_password`, `vault_token`, `gateway_key` and "
        "`oidc_client_secret`, one line each. Production refuses those of the default; the last "
        "four are empty there.",
        _COMPOSE,
        "./containers/secrets",
        secret=True,
    ),
    *(
        Variable(
            f"DATABASE_URL_OF_{who.upper()}",
            f"Where `medlemsflyt_{who}` finds the database, without a password.",
            _COMPOSE,
            f"postgresql://medlemsflyt_{who}@postgres:5432/medlemsflyt",
        )
        for who in ("owner", "persistence", "notifications", "operator", "gateway")
    ),
    Variable(
        "TEMPORAL_POSTGRES_PASSWORD",
        "The password of Temporal's own role in PostgreSQL; its image takes it in no other way.",
        _COMPOSE,
        "medlemsflyt",
        secret=True,
    ),
    Variable("TEMPORAL_VERSION", "Tag of Temporal's images.", _COMPOSE, "1.32.0"),
    Variable("TEMPORAL_UI_VERSION", "Tag of its UI's image.", _COMPOSE, "2.54.1"),
    Variable(
        "TEMPORAL_RETENTION",
        "How long a closed workflow can be looked at; set when the namespace is made.",
        _COMPOSE,
        "90d",
    ),
    Variable("PROMETHEUS_VERSION", "Tag of its image.", _COMPOSE, "v3.5.0"),
    Variable("GRAFANA_VERSION", "Tag of its image.", _COMPOSE, "12.1.0"),
    Variable("MAILPIT_VERSION", "Tag of the mail catcher's image.", _COMPOSE, "v1.27"),
)
"""What only docker-compose.yml reads; all the others it passes on."""
