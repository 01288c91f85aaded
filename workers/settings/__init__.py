"""Settings from the environment, and from the record of a running one-machine stack.

`workers/variables.py` says what each variable means. An empty one counts as one that is not set.
"""

from workers.settings.keys import KeySettings
from workers.settings.mail import SmtpTls
from workers.settings.process import (
    DEFAULT_RULES_URL,
    DEVELOPMENT_BUILD,
    Settings,
    load_settings,
    resolve_settings,
)
from workers.settings.stack import DEFAULT_DATA_DIR, STACK_FILE, Stack, load_stack
from workers.settings.temporal import DEFAULT_NAMESPACE
from workers.settings.union import UnionSettings
from workers.settings.values import Environment

__all__ = [
    "DEFAULT_DATA_DIR",
    "DEFAULT_NAMESPACE",
    "DEFAULT_RULES_URL",
    "DEVELOPMENT_BUILD",
    "STACK_FILE",
    "Environment",
    "KeySettings",
    "Settings",
    "SmtpTls",
    "Stack",
    "UnionSettings",
    "load_settings",
    "load_stack",
    "resolve_settings",
]
