"""What is done about invoices that are not paid: contracts and the ladder."""
