"""Design boards: proposals side by side, each with its palette, and strips of one design as an attribute grows.

brief.py says what is on one. Torch-free.
"""
