"""The review page: read the worst first, decide with one key; served to this machine alone."""
