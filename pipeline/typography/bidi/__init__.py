"""The order in which letters of both directions stand in a line: the Unicode Bidirectional Algorithm, whole.

`levels` is of a paragraph, before its lines are broken; `visual_runs` then orders one line. Mirroring of brackets is
left to HarfBuzz, which does it while it shapes from right to left.

classes.py says what each character is, explicit.py what embeddings and isolates make of a paragraph, resolve.py how
what is neutral goes with its neighbours, and order.py puts it all together.

Source: Unicode Standard Annex #9, revision 50; the names of its rules stand at the steps.
"""

from pipeline.typography.bidi.order import first_strong, has_direction, levels, visual_runs

__all__ = ["first_strong", "has_direction", "levels", "visual_runs"]
