"""The engine: Rasa 3.6 behind one turn at a time. It keeps nothing between turns; see README.md beside this file."""
