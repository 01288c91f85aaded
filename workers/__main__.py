"""Lets `python -m workers` be the `medlemsflyt` command, whichever way it is installed."""

from workers.cli import main

if __name__ == "__main__":
    main()
