"""The tour: lives in fast-forward on the real stack, and each must end as the rules say.

``cast`` says who joins and what the rules promise them, ``lifetime`` who lives from 20 to 80, both
for a story that begins on any day (``beginning``); ``scenes``, ``forms`` and ``dates`` are what
they are told in. ``play`` lets it happen, ``promises`` holds it against the rules and ``faults``
says what is otherwise; ``stage`` and ``lanes`` show it on the terminal, ``chronicle`` and
``picture`` on paper, ``tour`` runs it all.
"""
