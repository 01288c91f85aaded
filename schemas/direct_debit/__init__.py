"""AvtaleGiro: members who have told their bank to pay what we claim."""
