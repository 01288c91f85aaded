"""The life of one membership: the workflow, its organs, and its decisions."""
