"""Who may do what: the reader and the writer, the append-only record, and the announcement of live changes.

Revision: 0003, after 0002.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CREATE_ROLES = """
DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['quanxiang_read', 'quanxiang_write'] LOOP
        -- roles belong to the whole server: another database of it may have made them, even at this very moment
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
        IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', wanted, current_user);
        END IF;
    END LOOP;
END
$$
"""

_GRANTS = """
GRANT USAGE ON SCHEMA public TO quanxiang_read, quanxiang_write;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO quanxiang_read, quanxiang_write;
GRANT INSERT, UPDATE ON cases, feed, quality_issue TO quanxiang_write;
GRANT INSERT ON case_event, outbox TO quanxiang_write;
GRANT USAGE ON SEQUENCE cases_id_seq TO quanxiang_write;
"""

_APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER case_event_is_append_only BEFORE UPDATE OR DELETE ON case_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

_ANNOUNCE = """
CREATE FUNCTION announce_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('quanxiang', NEW.id::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER outbox_is_announced AFTER INSERT ON outbox
    FOR EACH ROW EXECUTE FUNCTION announce_change();
"""


def upgrade() -> None:
    """Create roles, grants and triggers."""
    op.execute(_CREATE_ROLES)
    op.execute(_GRANTS)
    op.execute(_APPEND_ONLY)
    op.execute(_ANNOUNCE)


def downgrade() -> None:
    """Remove triggers and grants; the roles stay, because other databases of the server may use them."""
    op.execute("DROP TRIGGER outbox_is_announced ON outbox")
    op.execute("DROP FUNCTION announce_change()")
    op.execute("DROP TRIGGER case_event_is_append_only ON case_event")
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM quanxiang_read, quanxiang_write")
    op.execute("REVOKE USAGE ON SCHEMA public FROM quanxiang_read, quanxiang_write")
