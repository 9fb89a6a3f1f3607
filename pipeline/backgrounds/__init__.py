"""What lies behind everything else on a poster: pictures and films that another kind's painter makes, or a user's own.

brief.py     what a plan says of a background (torch-free)
timing.py    which moment of a film each frame of a poster shows (torch-free)
painted.py   frames of another kind, by its own painter
own.py       frames of pictures and films that the user has
kept.py      frames on this machine's disk, so that each is painted once
shown.py     all of it together: what a poster's painter uses
"""
