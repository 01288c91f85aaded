"""What leaves the house: letters are written, pass one gate, and go out by SMTP.

``Notifications`` in ``activities.letters.activities`` is the implementation that the
notifications worker registers.
"""
