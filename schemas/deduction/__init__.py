"""Payroll deduction: lists, reports, and how a list is settled."""
