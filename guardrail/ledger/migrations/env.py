"""Runs migrations on the connection that the ledger hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from guardrail.ledger.database import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    transactional_ddl=True,
    version_table_schema="guardrail" if connection.dialect.name == "postgresql" else None,
)
context.run_migrations()
