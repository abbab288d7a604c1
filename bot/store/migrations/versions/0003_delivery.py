"""urgency of what leaves, how far a page has read, since when a citizen cannot be reached"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('queued', 'sending')")


def upgrade() -> None:
    op.add_column("conversation", sa.Column("unreachable_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversation", sa.Column("delivered_seq", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("urgency", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("outbox_next", "outbox", ["urgency", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("outbox_of_message", "outbox", ["message_id"])
    op.execute("UPDATE conversation SET unreachable_since = active_at WHERE unreachable IS NOT NULL")


def downgrade() -> None:
    op.drop_index("outbox_of_message", "outbox")
    op.drop_index("outbox_next", "outbox")
    op.drop_column("outbox", "urgency")
    op.drop_column("conversation", "delivered_seq")
    op.drop_column("conversation", "unreachable_since")
