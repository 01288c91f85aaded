"""Running the service: all of it, one worker, or the demo."""
