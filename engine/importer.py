"""Reads the training data; of an answer the model learns the name only, so that editing its words needs no training."""

from __future__ import annotations

from typing import Optional

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.acts import ACT

SYSTEM = "utter_system/"  # texts that the counter says by itself: no intent leads to them


class NamesOnlyImporter(RasaFileImporter):
    """Rasa's file importer, with the words of `data/responses/` left out of the model."""

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        data = super().get_nlu_data(language)
        answers = {name for name in data.responses if not name.startswith(SYSTEM)}
        # Rasa wants a response to each act, though none is ever said.
        acts = {f"utter_{m.get_full_intent()}" for m in data.intent_examples if m.get_full_intent().startswith(ACT)}
        data.responses = {name: [{"text": name}] for name in sorted(answers | acts)}
        return data
