"""room for the contact of an item as it is sealed; the next start seals those that are not"""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('item') as table:
        table.alter_column('contact', existing_type=sa.String(length=200), type_=sa.Text(), existing_nullable=True)


def downgrade() -> None:
    with op.batch_alter_table('item') as table:
        table.alter_column('contact', existing_type=sa.Text(), type_=sa.String(length=200), existing_nullable=True)
