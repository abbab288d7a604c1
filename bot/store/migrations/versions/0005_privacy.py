"""conversations are found by their address"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("episodes_of_address", "conversation", ["channel", "address_key"])


def downgrade() -> None:
    op.drop_index("episodes_of_address", "conversation")
