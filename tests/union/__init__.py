"""A month in the life of a union, played end to end through the commands, with real files.

    python -m tests.union [--members 5000] [--seed 1] [--kills]

A register is carried over and a month charged; then three banks and twenty employers send what such
people send, wrong files among it. The same is played a second time from a copy of the same stack,
in another order and with everything sent twice; with ``--kills`` a part of the stack dies every few
seconds. Both must end in one ledger, in which every øre is what a page of arithmetic expects
(``tests.union.money``) and has a place or a task.
"""
