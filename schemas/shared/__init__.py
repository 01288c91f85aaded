"""What every room speaks in: base models, words, days, texts, faults."""
