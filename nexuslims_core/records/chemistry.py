"""The chemical elements, as the schema names them."""

from collections.abc import Iterable

_TABLE = """
H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc
Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi
Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
"""
SYMBOLS = frozenset(_TABLE.split())


def sort_out(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell chemical symbols, each once and in whatever case, from names that are none; both keep their order."""
    known: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for name in names:
        symbol = name.strip().capitalize()
        if symbol in SYMBOLS:
            known[symbol] = None
        else:
            unknown[name] = None
    return tuple(known), tuple(unknown)
