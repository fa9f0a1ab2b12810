"""The runtime: one base model, one context, many adapters, constrained decoding."""
