"""Training, evaluation, active learning and recall estimates."""
