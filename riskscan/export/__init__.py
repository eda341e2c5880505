"""What leaves a case: one file a target."""
