"""Voice: `tinyagent listen` hears a command, does it, and answers by voice and by notification (extra `voice`)."""
