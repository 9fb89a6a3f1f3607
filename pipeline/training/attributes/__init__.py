"""Attributes of one's own for a designer that is trained already, from pictures that somebody gave numbers to.

brief.py says what is asked for, pictures.py which latents the pictures have, fitting.py which way attributes lie,
card.py tells, painter.py does it as a job.
"""
