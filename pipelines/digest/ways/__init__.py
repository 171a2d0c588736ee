"""The ways by which a digest leaves: one file each, all with the same `send`."""
