"""The server as processes: on every WSGI server, with several workers."""
