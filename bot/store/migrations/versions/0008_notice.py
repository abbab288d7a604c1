"""which version of the text about her data a citizen was shown"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('conversation', sa.Column('notice_version', sa.String(length=20), nullable=True))
    op.add_column('item', sa.Column('notice_version', sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column('item', 'notice_version')
    op.drop_column('conversation', 'notice_version')
