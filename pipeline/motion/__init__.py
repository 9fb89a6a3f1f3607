"""Motion of people: files of motion capture, one skeleton for all of them, and what a network learns of them.

    bvh, asf, amc → clip → retarget → features → (a network) → features → clip → bvh

NumPy only; nothing here imports torch but generation.py. The world is right-handed: x to the figure's left, y up, z
where it faces; metres, seconds, radians. Matrices turn columns, quaternions are (w, x, y, z) and of unit length.
"""
