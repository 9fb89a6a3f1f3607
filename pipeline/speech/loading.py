"""Loading a voice from the folder that a worker put its files into, by `transformers`, which downloads nothing here.

What is shared by its engines lives here: vits.py, speecht5.py and bark.py know how each speaks.
"""
