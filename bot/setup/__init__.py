"""Everything around serving: environments, the model, checks of the installation, backups."""
