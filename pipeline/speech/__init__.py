"""Speech: texts that voices say, their sound made even and joined, and when each word is heard.

brief.py      what a plan holds                  voices.py    what a voice is; espeak.py, vits.py … are some
text.py       texts into pieces that are said    joining.py   pieces into lines, without clicks
sound.py      samples into files                 narration.py lines into one sound
timings.py    when what is said                  captions.py  … for readers
"""
