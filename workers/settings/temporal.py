"""How to reach Temporal: the variables TEMPORAL_*, read as all of its clients read them."""

from collections.abc import Mapping

from temporalio.envconfig import ClientConfig, ClientConnectConfig

from workers.doors import require_protected_temporal
from workers.errors import UserError
from workers.settings.values import Environment

DEFAULT_TEMPORAL_ADDRESS = "localhost:7233"
DEFAULT_NAMESPACE = "default"


def temporal_settings(
    variables: Mapping[str, str], environment: Environment
) -> ClientConnectConfig:
    """Return the keyword arguments of a client's `connect`.

    Raises:
        UserError: they can't be read, or production may not connect so.
    """
    try:
        config = ClientConfig.load_client_connect_config(override_env_vars=dict(variables))
    except (RuntimeError, OSError) as error:
        raise UserError(
            f"Temporal's settings (TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE, TEMPORAL_*) can't be "
            f"read: {error}."
        ) from error
    config.setdefault("target_host", DEFAULT_TEMPORAL_ADDRESS)
    config.setdefault("namespace", DEFAULT_NAMESPACE)
    if environment is Environment.PRODUCTION:
        require_protected_temporal(config)
    return config
