"""Measurements: each module here is one, run by `./ventanilla bench NAME`; what they share is in `parts`."""
