"""Words of messages that people also write about other things, counted in the documents of Debian's packages.

`python -m scripts.everyday_words` counts them. A run of words without any other is English, not a message.
"""

_WORDS = """
a access accessed accessing active add adding address again aligned allocated allocation allow
allowed already an and another any applied are arg args argument arguments array as associated
at attached attempt available back bad base be been before between beyond big bind bit bound
bounds buffer bug but by byte bytes call callback called caller calling calls can candidate
cannot chain change changes check class co code codes combination combined comparison compatible
compiler conditional const constant contain context conversion convert copy could covered
critical cs d data dead depth dereference descriptor destination detected determined device
different direct directly disabled div do does doesn don double driver due dynamic e each ed
either enable end entries error exception exclusive exist exit expected extend extension extra
failed failure fault fd field fields fill filter find first flag flags for form format found
from function functions general generic get global goes got gpl greater handle has hash have
helper hook hooks i id if in incorrectly index indirect infinite info initialize initialized
input inside install instead instructions int integer internal into invalid is isn it its jit
kernel key keys kind known large last layout lead leak leaks length license limit link load
loaded local lock long loop main make makes many map mark match matches matching max may member
memory metadata middle might missing mode modified modify module more most multiple must
mutually name native need negative neither nested new next no node non not note null number
object of off offset on once one only operation operator or order original other out outside
overwrite pair parameters parent parsing part partial pass passed passes path paths per point
pointer pointers pointing points possibly potential previous private processed program programs
properly protection provide push r range re read reading record recursive ref reference
referenced references register release released releases replace require required requires
reserved resolve resolved restore return returns root s same satisfied search section sequence
set should sign signature signed signing single size small smaller socket space special
specified specifies src st stack starting state static storage store string struct sub such
support supported supports sure symbol t table tables tag tags take taking target terminated th
than that the this those through time to too total trace tracking tried trying two type types
underlying unexpected uninitialized unknown unnecessary unsigned unsupported update upper use
used user uses using valid value var variable via void when which while with within without
would write writes wrong x y yet you zero
"""
EVERYDAY = frozenset(_WORDS.split())
