"""a second factor, the stages of a sign-in, and tries counted by account and place"""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sign_in_try',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key')
    )
    op.create_index('ix_sign_in_try_at', 'sign_in_try', ['at'], unique=False)
    op.create_table('recovery_code',
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('code_hash')
    )
    op.create_index('ix_recovery_code_staff_id', 'recovery_code', ['staff_id'], unique=False)
    op.add_column('staff_session', sa.Column('stage', sa.String(length=16), server_default='open', nullable=False))
    op.add_column('staff_session', sa.Column('browser', sa.String(length=80), server_default='', nullable=False))
    op.add_column('staff_session', sa.Column('address', sa.String(length=64), server_default='', nullable=False))
    op.add_column('staff', sa.Column('second_factor', sa.Text(), nullable=True))
    op.add_column('staff', sa.Column('second_factor_step', sa.BigInteger(), nullable=True))
    # Tries were counted by account alone: whoever guessed wrong often enough kept its owner out.
    op.drop_column('staff', 'failed_sign_ins')
    op.drop_column('staff', 'locked_until')


def downgrade() -> None:
    op.add_column('staff', sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('staff', sa.Column('failed_sign_ins', sa.Integer(), server_default='0', nullable=False))
    op.drop_column('staff', 'second_factor_step')
    op.drop_column('staff', 'second_factor')
    op.drop_column('staff_session', 'address')
    op.drop_column('staff_session', 'browser')
    op.drop_column('staff_session', 'stage')
    op.drop_table('recovery_code')
    op.drop_table('sign_in_try')
