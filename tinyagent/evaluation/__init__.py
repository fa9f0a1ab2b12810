"""Evaluation: cases, normalisation, metrics, the runner and its reports. Nothing here executes a call."""
