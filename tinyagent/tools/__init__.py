"""The toolsets, one module each, and what they share."""
