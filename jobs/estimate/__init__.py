"""What a job will take, measured on a few of its frames before it is submitted.

choose.py    which frames: nine, spread over the job, and then runs of neighbours
measure.py   rendering them, on whatever would render the job, and taking them away again
project.py   from what they took to hours, bytes and a price; pure arithmetic
"""
