"""The only I/O: declared once as typed stubs, implemented per kind in a worker of its own."""
