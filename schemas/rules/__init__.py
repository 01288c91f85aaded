"""Pure rules: no clock, no I/O, no Temporal. Each names its source in domain.md."""
