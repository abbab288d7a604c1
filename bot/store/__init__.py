"""Tables, units of work, migrations. Whoever imports any of it knows every table."""

from bot.store import unanswered as unanswered
