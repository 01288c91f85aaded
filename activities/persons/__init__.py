"""Who somebody is: one row a person, whatever memberships there are and were."""
