READY = "ready"  # the line with which a process says that it has started
