"""What workers, their supervisor, the reconciler, the scheduler and the web process say.

setup.py     where it goes: standard error, as text or JSON
work.py      what a process is at, which lines carry
formats.py   how a line is written
lines.py     what is logged about a job, kept for people who look at it
line.py      such a line
"""
