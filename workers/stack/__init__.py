"""The whole stack on one machine: Temporal, PostgreSQL, a mail sink and the three workers.

`PostgresServer`, `TemporalServer` and `MailSink` also stand on their own, for tests:

    async with PostgresServer(folder, durable=False) as postgres:
        await postgres.create_database("medlemsflyt")
        ... postgres.url("medlemsflyt") ...
"""

from workers.stack.mail import MailSink
from workers.stack.postgres import PostgresServer
from workers.stack.temporal import TemporalServer

__all__ = ["MailSink", "PostgresServer", "TemporalServer"]
