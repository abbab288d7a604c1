"""Reads the knowledge as the counter will, so that what does not pass is said before anything is served."""

from bot.knowledge.knowledge import Knowledge, KnowledgeError
from bot.settings import Settings
from bot.setup.problems import Problem
from bot.setup.reading import setting_wrong


def read_knowledge(settings: Settings) -> Knowledge:
    """The knowledge of this installation. Raises a Problem that names file, line and what to write."""
    try:
        return Knowledge(settings.knowledge)
    except (KnowledgeError, OSError) as error:
        raise Problem("knowledge_wrong", reason=str(error)) from None


def check_knowledge(settings: Settings) -> None:
    """Raises a Problem when the knowledge does not pass, or lacks an agency that the settings name."""
    agencies = read_knowledge(settings).agencies
    named = [("agency", settings.agency), *(("telegram_tokens", agency) for agency in settings.telegram_tokens)]
    for setting, agency in named:
        if agency not in agencies:
            raise setting_wrong(setting, f"there is no agency {agency}, there are: {', '.join(agencies)}")
