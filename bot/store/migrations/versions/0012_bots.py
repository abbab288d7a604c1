"""which of several bots of a channel a conversation belongs to, and what leaves by it"""

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('conversation', sa.Column('bot', sa.String(length=40), nullable=False, server_default=''))
    op.add_column('outbox', sa.Column('bot', sa.String(length=40), nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('outbox', 'bot')
    op.drop_column('conversation', 'bot')
