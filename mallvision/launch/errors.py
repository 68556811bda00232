class StartError(Exception):
    """Why MallVision does not start, in one line that says what to do about it."""
