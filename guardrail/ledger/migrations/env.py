"""Runs migrations on the connection that the ledger hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from guardrail.ledger.database import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
context.run_migrations()
