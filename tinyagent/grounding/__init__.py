"""Grounding: deterministic resolvers that turn the command's own words into typed values."""
