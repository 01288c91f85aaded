"""The letters that go with a dues run's invoices."""
