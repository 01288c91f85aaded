"""A membership: the application, the messages, the decisions, and what holds on a day."""
