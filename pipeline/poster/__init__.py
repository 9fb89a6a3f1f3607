"""Posters: a template, put on a canvas of any size, with somebody's words, colours and pictures, at rest or in motion.

    template ─► layers ─► boxes on the canvas ─► actors: sprites that move ─► stage ─► frames

Which posters there are to make is jobs/kinds/posters.py's matter. Torch-free.
"""
