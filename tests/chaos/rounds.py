"""How often everything is killed: `make chaos` says it, and CI runs one round."""

import os

ROUNDS = int(os.environ.get("MEDLEMSFLYT_CHAOS_ROUNDS", "1"))
