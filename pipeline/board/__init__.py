"""Design boards: proposals side by side, each with its palette, and strips of one design as an attribute grows.

brief.py says what is on one and check.py whether it can be shown; layout.py where everything lies, sheets.py what is
drawn there; png.py and pdf.py draw it; make.py does it all. Torch-free.
"""
