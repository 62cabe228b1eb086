"""The hash chain: entries and the head."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from guardrail.ledger.chain import GENESIS

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables; the head of an empty ledger is the genesis."""
    op.create_table(
        "entries",
        sa.Column("idx", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("previous", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    head = op.create_table(
        "head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "size": 0, "hash": GENESIS}])
