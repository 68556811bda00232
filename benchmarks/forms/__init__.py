"""Real Redis servers in the forms that are several: a master that Sentinels watch, and a Cluster.

They stand on loopback ports, and can be killed and started one by one. What makes them here starts nothing: `running`
does, or whoever runs their commands.
"""
