"""The trained classifier: features, estimator, evidence, model file."""
