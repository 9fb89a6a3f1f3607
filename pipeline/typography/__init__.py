"""Text in any script → glyphs in a box → pixels.

    fonts = FontSet.shipped().with_files(found(Path("fonts")))
    text = typeset("Sommerfest", TextStyle(families=("Anton",), size_px=160, smallest_px=48), 900, 400, fonts)
    alpha = coverage(text, 900, 400)

files.py, face.py, shipped.py and fonts.py say which fonts there are, installed.py what a machine has besides, and
fallback.py which of them sets a letter; locales.py, scripts.py, bidi.py, breaks.py and casing.py know languages;
shape.py makes glyphs, lines.py and typeset.py find the size, and ink.py draws. Torch-free.

Nothing is imported here, so that one part can be had without HarfBuzz and ICU.
"""
