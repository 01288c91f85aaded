"""`medlemsflyt books`, `chart` and `receivables`, and the files they write."""
