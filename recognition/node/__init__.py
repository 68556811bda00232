"""What passes between a node and the rest: its keys, messages, client and worker. Nothing here knows Django."""
