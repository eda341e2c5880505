"""What goes wrong with a cluster, as sentences for the user."""


class ClusterError(Exception):
    """The cluster cannot be used, or was lost; the text is a sentence for the user."""
