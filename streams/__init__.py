"""The pipeline: Faust agents around a pure core."""
