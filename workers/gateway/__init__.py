"""The one door: login, roles and the access log, in front of Temporal's UI and its HTTP API."""
