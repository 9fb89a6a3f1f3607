"""Which of a skeleton's joints is which of ours, by the names that programs and databases give them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from pipeline.errors import MediaError
from pipeline.motion.figure import FIGURE
from pipeline.motion.skeleton import Skeleton

NEEDED = (
    *("Hips", "LeftUpLeg", "LeftLeg", "LeftFoot", "RightUpLeg", "RightLeg", "RightFoot"),
    *("Head", "LeftArm", "LeftForeArm", "RightArm", "RightForeArm"),
)
"""Without these no figure moves; the others follow where they are missing. Spines are found by where they are."""

_SIDES = {"UpLeg", "Leg", "Foot", "ToeBase", "Shoulder", "Arm", "ForeArm", "Hand"}

_Family = Mapping[str, str]
"""Our name, without its side, to theirs: folded, and `*` where the side stands."""

_FAMILIES: Mapping[str, _Family] = {
    "Mixamo, MotionBuilder, BVH of CMU": {
        "Hips": "hips hip pelvis",
        "UpLeg": "*upleg *upperleg *thigh",
        "Leg": "*leg *lowleg *lowerleg *shin",
        "Foot": "*foot",
        "ToeBase": "*toebase *toe *toes",
        "Neck": "neck neck1",
        "Head": "head",
        "Shoulder": "*shoulder *clavicle",
        "Arm": "*arm *upperarm *uparm",
        "ForeArm": "*forearm *lowerarm *lowarm",
        "Hand": "*fingerbase *hand",
    },
    "CMU ASF": {
        "Hips": "root",
        "UpLeg": "*femur",
        "Leg": "*tibia",
        "Foot": "*foot",
        "ToeBase": "*toes",
        "Neck": "lowerneck",
        "Head": "head",
        "Shoulder": "*clavicle",
        "Arm": "*humerus",
        "ForeArm": "*radius",
        "Hand": "*hand",
    },
    "3ds Max Biped": {
        "Hips": "pelvis",
        "UpLeg": "*thigh",
        "Leg": "*calf",
        "Foot": "*foot",
        "ToeBase": "*toe0",
        "Neck": "neck",
        "Head": "head",
        "Shoulder": "*clavicle",
        "Arm": "*upperarm",
        "ForeArm": "*forearm",
        "Hand": "*hand",
    },
    "Unreal": {
        "Hips": "pelvis",
        "UpLeg": "thigh*",
        "Leg": "calf*",
        "Foot": "foot*",
        "ToeBase": "ball*",
        "Neck": "neck01",
        "Head": "head",
        "Shoulder": "clavicle*",
        "Arm": "upperarm*",
        "ForeArm": "lowerarm*",
        "Hand": "hand*",
    },
    "Poser, DAZ": {
        "Hips": "hip pelvis",
        "UpLeg": "*thigh *thighbend",
        "Leg": "*shin",
        "Foot": "*foot",
        "ToeBase": "*toe",
        "Neck": "neck necklower",
        "Head": "head",
        "Shoulder": "*collar",
        "Arm": "*shldr *shldrbend",
        "ForeArm": "*forearm *forearmbend",
        "Hand": "*hand",
    },
    "joints by what they are, as SMPL and Kinect": {
        "Hips": "hips pelvis hip root spinebase",
        "UpLeg": "*hip hip*",
        "Leg": "*knee knee*",
        "Foot": "*ankle ankle*",
        "ToeBase": "*toe *toes *foot foot*",
        "Neck": "neck spineshoulder",
        "Head": "head",
        "Shoulder": "*collar collar* *clavicle",
        "Arm": "*shoulder shoulder*",
        "ForeArm": "*elbow elbow*",
        "Hand": "*wrist wrist*",
    },
}

_WRITTEN = {"Left": ("left", "l"), "Right": ("right", "r")}
_PREFIX = re.compile(r"^(.*:|bip(ed)?\d+|character\d*_)", re.IGNORECASE)
"""A name space, or the figure's own name."""


def match(skeleton: Skeleton, mapping: Mapping[str, str] | None, where: str) -> dict[str, int]:
    """Our joint's name → place in the skeleton, for all that are found; spines are not looked for.

    `mapping`: our names → theirs, for skeletons whose names nobody knows; it goes before what is found by itself.
    Raises: MediaError, with the nearest name, if the mapping names none of theirs or ours, or too little is found.
    """
    given = {_ours(ours): _theirs(theirs, skeleton, where) for ours, theirs in (mapping or {}).items()}
    folded: dict[str, int] = {}
    for place, name in enumerate(skeleton.names):
        folded.setdefault(re.sub(r"[\W_]+", "", _PREFIX.sub("", name)).casefold(), place)
    tries = [_found(family, folded) | given for family in _FAMILIES.values()]
    best = max(tries, key=len)
    missing = [name for name in NEEDED if name not in best]
    if missing:
        some = ", ".join(skeleton.names[:6])
        likely = (get_close_matches(missing[0], skeleton.names, n=1, cutoff=0) or skeleton.names)[0]
        raise MediaError(
            f"{where}: no joint is known as {missing[0]} among {some}, …; "
            f"say which it is, as in joints: {{{missing[0]}: {likely}}}"
        )
    if len(set(best.values())) < len(best):
        twice = next(name for name, place in best.items() if list(best.values()).count(place) > 1)
        raise MediaError(
            f"{where}: {skeleton.names[best[twice]]} stands for two joints, {twice} among them; map each apart"
        )
    return best


def _found(family: _Family, folded: Mapping[str, int]) -> dict[str, int]:
    made: dict[str, int] = {}
    for part, patterns in family.items():
        for side in _WRITTEN if part in _SIDES else ("",):
            names = [
                pattern.replace("*", written) for pattern in patterns.split() for written in _WRITTEN.get(side, ("",))
            ]
            place = next((folded[name] for name in names if name in folded), None)
            if place is not None:
                made[side + part] = place
    return made


def _ours(name: str) -> str:
    if name in FIGURE.index:
        return name
    near = get_close_matches(name, FIGURE.names, n=1, cutoff=0.4) or [FIGURE.names[0]]
    raise MediaError(f"joints: {name[:40]!r} is no joint of ours; did you mean {near[0]!r}?")


def _theirs(name: str, skeleton: Skeleton, where: str) -> int:
    if name in skeleton.index:
        return skeleton.index[name]
    near = get_close_matches(name, skeleton.names, n=1, cutoff=0.4) or [skeleton.names[0]]
    raise MediaError(f"{where}: has no joint {name[:40]!r}; did you mean {near[0]!r}?")
