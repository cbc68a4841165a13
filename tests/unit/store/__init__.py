"""The store without sockets and processes."""
