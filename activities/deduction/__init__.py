"""Payroll deduction: lists to employers, what they report, and how a list is settled."""
