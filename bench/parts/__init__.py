"""What measurements are made of: figures, processes, our product, stock Rasa."""
