"""What goes wrong with workers and clusters, as sentences for the user."""


class ClusterError(Exception):
    """The cluster cannot be used, or was lost; the text is a sentence for the user."""


class WorkersError(Exception):
    """No worker process can be started here; the text is a sentence for the user."""
