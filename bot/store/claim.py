"""Which waiting rows a node takes, when several take from the same table at once."""

from typing import Any

from sqlalchemy import Select, select


def first_free(ids: Select[Any], limit: int) -> Select[Any]:
    """The first `limit` of `ids` that nobody else is taking, locked for the statement that this becomes a part of.

    Materialized, since PostgreSQL may run a plain subquery once for each row of the statement around it, and every
    run would lock `limit` more. SQLite knows the word and has nothing to lock.
    """
    free = ids.limit(limit).with_for_update(skip_locked=True).cte("free").prefix_with("MATERIALIZED")
    return select(*free.c)
