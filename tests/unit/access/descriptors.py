# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Generated security descriptors."""

from __future__ import annotations

from hypothesis import strategies as st

GUIDS = ("", "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2", "8d3bca50-1d7e-11d0-a081-00aa006c33ed", "BF967ABA-0DE6-11D0-A285-00AA003049E2")
SIDS = ("DA", "SY", "AU", "WD", "PS", "S-1-5-21-1-2-3-1105", "S-1-5-21-1-2-3-512", "S-1-5-32-544")
RIGHTS = ("RP", "WP", "CR", "RPWP", "CCDC", "GA", "0x30", "LCRPLORC", "SDDT", "256")

ordinary = st.builds(
    "({};{};{};{};{};{})".format,
    st.sampled_from(("A", "D", "OA", "OD")),
    st.sampled_from(("", "CI", "CIIO", "CIID", "ID", "CINP", "CIIOID")),
    st.sampled_from(RIGHTS),
    st.sampled_from(GUIDS),
    st.sampled_from(GUIDS),
    st.sampled_from(SIDS),
)
# What this collection does not understand and must not lose.
strange = st.sampled_from(
    (
        '(XA;;FX;;;S-1-1-0;(@User.Title=="PM;)" && (Member_of {SID(BA)})))',
        "(ZA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;AU;(@User.Project Any_of 1))",
        "(ML;;NW;;;LW)",
        '(RA;CI;;;;S-1-1-0;("Secrecy",TU,0,3))',
        "(AU;SAFA;WDWOSDDTCCDCSWWP;;;WD)",
        "(OU;CIIOIDSA;WP;f30e3bbe-9ff0-11d1-b603-0000f80367c1;bf967aa5-0de6-11d0-a285-00aa003049e2;WD)",
    )
)
lists = st.builds(
    lambda flags, aces: flags + "".join(aces), st.sampled_from(("", "P", "AI", "PAI", "ARAI")), st.lists(st.one_of(ordinary, ordinary, strange), max_size=8)
)
descriptors = st.builds(
    lambda owner, group, dacl, sacl: owner + group + "D:" + dacl + sacl,
    st.sampled_from(("", "O:DA", "O:S-1-5-21-1-2-3-500")),
    st.sampled_from(("", "G:DU", "G:S-1-5-21-1-2-3-513")),
    lists,
    st.one_of(st.just(""), lists.map("S:{}".format)),
)
