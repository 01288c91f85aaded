"""What the accounting gets: the chart, the balances, the vouchers, who owes how long."""
