"""AvtaleGiro on PostgreSQL: mandates that come in, and claims that go out."""
