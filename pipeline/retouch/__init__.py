"""Edits of pictures and films: exposure to watermark, one after the other, over each frame by itself.

    chain = Chain.of([Step(edit="exposure", keys={"stops": 0.5}), Step(edit="grain", keys={})], files={})
    chain.edit(pixels, Moment(number=12))

edit.py says what an edit is, edits.py which there are, chain.py applies them, painter.py does so to a job's frames.
Each other file is one edit, or one thing that edits have in common. What is done to a film's sound lives in
pipeline/film.
Torch-free but for the painter, and for grain as it is drawn.
"""
