"""DualTune: one adapter selects the tool, that tool's own adapters write its arguments (arXiv 2510.00229)."""
