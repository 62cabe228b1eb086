"""Entries as leaves of a signed tree, and what was typed, closed and apart. The chain of the drafts was never used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = None

# In a database that many workstations share, each has a tree of its own. Nobody changes a row: a head names the size
# from which its append went on (the first head of all: -1), and its key lets no two appends go on from the same one.
# A closed text that was sealed anew, or destroyed (NULL), is a row in `changes`; the keeper removes what it replaces.
_SHARED = """
CREATE TABLE guardrail.trees (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    origin text NOT NULL UNIQUE,
    vkey text NOT NULL,
    begun timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE guardrail.heads (
    tree integer NOT NULL,
    first bigint NOT NULL,
    size bigint NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (tree, first),
    CHECK (first < size),
    CHECK ((first = -1) = (size = 0))
);
CREATE TABLE guardrail.entries (
    tree integer NOT NULL,
    idx bigint NOT NULL,
    month date NOT NULL,
    leaf bytea NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (tree, idx, month)
) PARTITION BY RANGE (month);
CREATE TABLE guardrail.entries_other PARTITION OF guardrail.entries DEFAULT;
CREATE TABLE guardrail.payloads (
    tree integer NOT NULL,
    idx bigint NOT NULL,
    month date NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (tree, idx, month)
) PARTITION BY RANGE (month);
CREATE TABLE guardrail.payloads_other PARTITION OF guardrail.payloads DEFAULT;
CREATE TABLE guardrail.changes (
    tree integer NOT NULL,
    made bigint NOT NULL,
    idx bigint NOT NULL,
    payload bytea,
    PRIMARY KEY (tree, idx, made)
);
CREATE TABLE guardrail.tiles (
    tree integer NOT NULL,
    level integer NOT NULL,
    place integer NOT NULL,
    root bytea NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (tree, level, place)
);
CREATE TABLE guardrail.checkpoints (
    tree integer NOT NULL,
    size bigint NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (tree, size)
);
CREATE TABLE guardrail.cosignatures (
    tree integer NOT NULL,
    size bigint NOT NULL,
    witness text NOT NULL,
    line text NOT NULL,
    PRIMARY KEY (tree, size, witness)
);
CREATE SCHEMA guardrail_tree;
"""

# One tree, the one that `guardrail.origin` names, as it would stand in a file: same tables, same columns.
_OF_ONE_TREE = """
CREATE FUNCTION guardrail_tree.tree() RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER AS
    $$ SELECT id FROM guardrail.trees WHERE origin = current_setting('guardrail.origin', true) $$;
CREATE VIEW guardrail_tree.entries AS
    SELECT idx, leaf, body FROM guardrail.entries WHERE tree = (SELECT guardrail_tree.tree());
CREATE VIEW guardrail_tree.payloads AS
    SELECT idx, payload FROM guardrail.payloads AS kept WHERE tree = (SELECT guardrail_tree.tree())
        AND NOT EXISTS (SELECT FROM guardrail.changes AS change WHERE change.tree = kept.tree AND change.idx = kept.idx)
    UNION ALL
    SELECT idx, payload FROM guardrail.changes AS kept WHERE tree = (SELECT guardrail_tree.tree())
        AND payload IS NOT NULL AND NOT EXISTS (
            SELECT FROM guardrail.changes AS later
            WHERE later.tree = kept.tree AND later.idx = kept.idx AND later.made > kept.made
        );
CREATE VIEW guardrail_tree.tiles AS
    SELECT level, place, root, hashes FROM guardrail.tiles WHERE tree = (SELECT guardrail_tree.tree());
CREATE VIEW guardrail_tree.checkpoints AS
    SELECT size, note FROM guardrail.checkpoints WHERE tree = (SELECT guardrail_tree.tree());
CREATE VIEW guardrail_tree.cosignatures AS
    SELECT size, witness, line FROM guardrail.cosignatures WHERE tree = (SELECT guardrail_tree.tree());
CREATE VIEW guardrail_tree.head AS
    SELECT 1 AS id, size, note FROM guardrail.heads WHERE tree = (SELECT guardrail_tree.tree())
    ORDER BY first DESC LIMIT 1;
"""


def upgrade() -> None:
    """Make all tables; a ledger without a head is new."""
    if op.get_bind().dialect.name == "postgresql":
        for statement in filter(str.strip, f"{_SHARED}{_OF_ONE_TREE}".split(";")):
            op.execute(statement)
        return
    op.create_table(
        "entries",
        sa.Column("idx", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("leaf", sa.LargeBinary(32), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "payloads",
        sa.Column("idx", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "tiles",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("hashes", sa.LargeBinary(32 * 256), nullable=False),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "cosignatures",
        sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("witness", sa.Text, primary_key=True),
        sa.Column("line", sa.Text, nullable=False),
    )
    op.create_table(
        "head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
