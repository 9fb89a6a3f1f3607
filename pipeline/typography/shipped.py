"""The fonts that come with Atelier as packages, all under the SIL Open Font License, and what each is there for.

Only these are used unless someone gives fonts or names a family, so that a text looks the same on every machine.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.typography.files import FontFile

_NOTO = "manimgx_fonts"
_CJK = ("manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc")

FAMILIES: dict[str, tuple[tuple[str, str], ...]] = {
    "Noto Sans": (
        ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
        ("fontpkg_noto_sans", "files/NotoSans-Italic[wdth,wght].ttf"),
    ),
    "Noto Serif": (
        ("fontpkg_noto_serif", "files/NotoSerif[wdth,wght].ttf"),
        ("fontpkg_noto_serif", "files/NotoSerif-Italic[wdth,wght].ttf"),
    ),
    "Anton": (("fontpkg_anton", "files/Anton-Regular.ttf"),),
    "Archivo": (
        ("fontpkg_archivo", "files/Archivo[wdth,wght].ttf"),
        ("fontpkg_archivo", "files/Archivo-Italic[wdth,wght].ttf"),
    ),
    "Caveat": (("fontpkg_caveat", "files/Caveat[wght].ttf"),),
    "EB Garamond": (
        ("fontpkg_eb_garamond", "files/EBGaramond[wght].ttf"),
        ("fontpkg_eb_garamond", "files/EBGaramond-Italic[wght].ttf"),
    ),
    "Montserrat": (
        ("fontpkg_montserrat", "files/Montserrat[wght].ttf"),
        ("fontpkg_montserrat", "files/Montserrat-Italic[wght].ttf"),
    ),
    "Oswald": (("fontpkg_oswald", "files/Oswald[wght].ttf"),),
    "Playfair Display": (
        ("fontpkg_playfair_display", "files/PlayfairDisplay[wght].ttf"),
        ("fontpkg_playfair_display", "files/PlayfairDisplay-Italic[wght].ttf"),
    ),
    "Space Grotesk": (("fontpkg_space_grotesk", "files/SpaceGrotesk[wght].ttf"),),
    "Unbounded": (("fontpkg_unbounded", "files/Unbounded[wght].ttf"),),
    "Noto Sans Arabic": (("fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf"),),
    "Noto Sans Devanagari": (("fontpkg_noto_sans_devanagari", "files/NotoSansDevanagari[wdth,wght].ttf"),),
    **{
        f"Noto Sans {name}": ((_NOTO, f"NotoSans{name}[wght].ttf"),)
        for name in (
            *("Armenian", "Bengali", "Ethiopic", "Georgian", "Gujarati", "Gurmukhi", "Hebrew", "Kannada", "Khmer"),
            *("Lao", "Malayalam", "Myanmar", "Oriya", "Sinhala", "Tamil", "Telugu", "Thai"),
        )
    },
    "Noto Sans CJK JP": (_CJK,),
    "Noto Sans Symbols": ((_NOTO, "NotoSansSymbols[wght].ttf"),),
    "Noto Emoji": ((_NOTO, "NotoEmoji[wght].ttf"),),
}
"""Each family's package and files."""

DEFAULT = "Noto Sans"
"""What text is set in when nobody names a family. Its measures place the lines."""

SYMBOLS = ("Noto Sans Symbols", "Noto Emoji", "Noto Sans CJK JP")
"""Where to look for what is of no script: arrows, stars, emoji."""

EMOJI = "Noto Emoji"

BY_SCRIPT: dict[str, str] = {
    **dict.fromkeys(("Latn", "Cyrl", "Grek"), DEFAULT),
    **dict.fromkeys(("Hani", "Hira", "Kana", "Bopo", "Hang"), "Noto Sans CJK JP"),
    **{
        code: f"Noto Sans {name}"
        for code, name in {
            "Arab": "Arabic",
            "Armn": "Armenian",
            "Beng": "Bengali",
            "Deva": "Devanagari",
            "Ethi": "Ethiopic",
            "Geor": "Georgian",
            "Gujr": "Gujarati",
            "Guru": "Gurmukhi",
            "Hebr": "Hebrew",
            "Knda": "Kannada",
            "Khmr": "Khmer",
            "Laoo": "Lao",
            "Mlym": "Malayalam",
            "Mymr": "Myanmar",
            "Orya": "Oriya",
            "Sinh": "Sinhala",
            "Taml": "Tamil",
            "Telu": "Telugu",
            "Thai": "Thai",
        }.items()
    },
}
"""The family for each script. That of Chinese, Japanese and Korean has each language's shapes, and takes the
language's."""


@cache
def files(family: str) -> tuple[FontFile, ...]:
    """A family's files. Raises: ConfigError if its package is not installed."""
    return tuple(FontFile(Path(name).name, path=_folder(package) / name) for package, name in FAMILIES[family])


@cache
def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        name = package.replace("_", "-")
        raise ConfigError(f"the package {name}, a font of Atelier's own, is not installed; install Atelier anew")
    return Path(spec.origin).parent
