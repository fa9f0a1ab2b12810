"""The terminal assistant: `tinyagent` without arguments opens it."""
