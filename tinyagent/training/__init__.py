"""Workshops: from usage examples and shared human data to embedder, head and adapters. Needs the extra `train`."""
