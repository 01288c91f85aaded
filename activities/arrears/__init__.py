"""What is done about invoices that are not paid (A30)."""
