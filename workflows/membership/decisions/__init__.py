"""Pure decisions: a record and what happened lead to a step, or to a refusal with its reason."""
