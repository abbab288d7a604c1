"""What must be there before anything else runs: environments, home, ports, settings, and problems in plain words."""
