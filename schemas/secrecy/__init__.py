"""Secrecy: the marks on a payload that workflows, the codec and whoever passes it on know."""
