"""`medlemsflyt insurance-file`, `insurance-answer`, `insurance-settlement`."""
