"""Somebody else's optimizer, driven in a child process: its hangs, crashes, prints and imports stay there."""
