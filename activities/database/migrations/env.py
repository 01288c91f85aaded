"""Run by Alembic: brings the database on the connection it was given to the newest revision."""

from alembic import context
from sqlalchemy import text

from activities.database.roles import become_owner, grant_rights

MIGRATION_LOCK = 0x4D46_0001
"""Any number, as long as no other lock of ours has it."""

connection = context.config.attributes["connection"]
driver = connection.connection.dbapi_connection
# A second migrator waits here, and then finds that nothing is left to do.
connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
driver.run_async(become_owner)
context.configure(
    connection=connection, on_version_apply=context.config.attributes["on_version_apply"]
)
with context.begin_transaction():
    context.run_migrations()
    driver.run_async(grant_rights)
