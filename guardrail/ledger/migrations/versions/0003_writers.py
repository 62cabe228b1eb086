"""In a shared database each tree has one log-in that may add to it; a file has one writer, and stays as it is."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_IS_SHARED = "pg_has_role(session_user, 'guardrail_shared', 'MEMBER')"
_OURS = f"writer = session_user OR (writer IS NULL AND {_IS_SHARED})"
# Asked here too, and not left to what the log-in sees of `trees`: one that may read sees them all.
_OWN = f"EXISTS (SELECT FROM guardrail.trees WHERE id = tree AND ({_OURS}))"
_NEW = f"writer = session_user AND shared = {_IS_SHARED}"
_READERS = "guardrail_reader, guardrail_keeper"
_OF_A_TREE = ("heads", "entries", "payloads", "changes", "tiles", "checkpoints", "cosignatures")

# Who begins a tree is its writer, by the name of the log-in, which SET ROLE does not change. A log-in begins one tree,
# unless it is one that several share. A tree from before (NULL) is for such log-ins, until the owner gives it away.
_TREES = (
    "ALTER TABLE guardrail.trees ADD COLUMN writer name, ADD COLUMN shared boolean NOT NULL DEFAULT true",
    f"ALTER TABLE guardrail.trees ALTER writer SET DEFAULT session_user, ALTER shared SET DEFAULT {_IS_SHARED}",
    "CREATE UNIQUE INDEX trees_one_each ON guardrail.trees (writer) WHERE NOT shared",
    "ALTER TABLE guardrail.trees ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY reading ON guardrail.trees FOR SELECT TO {_READERS} USING (true)",
    f"CREATE POLICY own ON guardrail.trees FOR SELECT TO guardrail_writer USING ({_OURS})",
    f"CREATE POLICY beginning ON guardrail.trees FOR INSERT TO guardrail_writer WITH CHECK ({_NEW})",
)
_ROWS = (
    "ALTER TABLE guardrail.{table} ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY reading ON guardrail.{{table}} FOR SELECT TO {_READERS} USING (true)",
    f"CREATE POLICY adding ON guardrail.{{table}} FOR INSERT TO guardrail_writer WITH CHECK ({_OWN})",
)
_MORE = (
    f"CREATE POLICY own ON guardrail.heads FOR SELECT TO guardrail_writer USING ({_OWN})",
    "CREATE POLICY removing ON guardrail.payloads FOR DELETE TO guardrail_keeper USING (true)",
    "CREATE POLICY removing ON guardrail.changes FOR DELETE TO guardrail_keeper USING (true)",
)
# Inside, `current_user` is the owner, and no search path of a caller counts. In PL/pgSQL, whose plans are kept: a view
# asks this at every part of a query.
_TREE = f"""
CREATE OR REPLACE FUNCTION guardrail_tree.tree() RETURNS integer LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    RETURN (
        SELECT id FROM guardrail.trees WHERE origin = current_setting('guardrail.origin', true) AND (
            {_OURS}
            OR pg_has_role(session_user, 'guardrail_reader', 'MEMBER')
            OR pg_has_role(session_user, 'guardrail_keeper', 'MEMBER')
            OR pg_has_role(session_user, current_user, 'MEMBER')
        )
    );
END $$
"""  # noqa: S608 - its own words


def upgrade() -> None:
    """Tie each tree to its writer; the roles are there by then (`guardrail ledger database prepare`)."""
    if op.get_bind().dialect.name != "postgresql":
        return
    rows = (statement.format(table=table) for table in _OF_A_TREE for statement in _ROWS)
    for statement in (*_TREES, *rows, *_MORE, _TREE):
        op.execute(statement)
