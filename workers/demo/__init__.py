"""The tour: people join in fast-forward on the real stack, and each must end as the rules say.

``cast`` says who they are and what the rules promise them, ``play`` lets it happen,
``promises`` holds it against the rules, ``stage`` draws it, ``tour`` runs it all.
"""
