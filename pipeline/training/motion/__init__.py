"""Training a generator of motions: `python -m pipeline.training.motion --help`; as a job it is painter.py's.

brief.py says what is asked for. cycles.py, strides.py and material.py make windows of the clips; critics.py, encoder.py
and losses.py are what the generator learns against; contest.py takes them in turns; measures.py, baselines.py and
training.py tell what came of it. What every training shares lies above: chance, record, resuming, state.
"""
