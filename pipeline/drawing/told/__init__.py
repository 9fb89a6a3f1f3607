"""What we draw, told in words: pictures with exact captions, which our own model of pictures from words learns from.

A picture's facts are named words, as in `sofa: red`. A sentence is made of them, or of some of them, and says nothing
else. kinds.py holds the kinds of picture; each has a file of its own. Torch-free.
"""

from pipeline.drawing.told.kinds import KINDS, Facts, Kind, held_out, mirrored, some

__all__ = ["KINDS", "Facts", "Kind", "held_out", "mirrored", "some"]
