"""Personal data: found, masked, kept for a time, given and erased."""
