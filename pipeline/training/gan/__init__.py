"""Training a StyleGAN2: `python -m pipeline.training.gan --help`; as a job it is painter.py's.

brief.py says what is asked for, losses.py and augment.py what is made small and on what, contest.py takes the two
networks in turns, sheet.py shows what they make. What every training shares lies above: pictures, chance, record,
curves, state.
"""
