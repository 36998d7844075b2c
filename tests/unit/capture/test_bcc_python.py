from __future__ import annotations

import contextlib
import os
import resource
import textwrap
import time
from pathlib import Path
from textwrap import indent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.capture import compile_db, detect, python_tool
from bpfdoctor.capture.python_eval import Evaluator
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import Flavour, Verdict
from tests.unit.capture.running import Check, Write, text_of


def follow(source: str, path: str = "tool.py") -> Evaluator:
    tool = Evaluator(source, Path(path))
    tool.run()
    return tool


def program(source: str) -> str:
    """The text of the only BPF(…)."""
    [call] = follow(source).calls
    assert call.text is not None, call.problem and call.problem.reason
    return call.text.text


def lines(source: str) -> dict[int, int]:
    [call] = follow(source).calls
    assert call.text is not None
    return call.text.line_map()[1]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("BPF(text='a')", "a"),
        ("bcc.BPF(text=b'a')", "a"),
        ("t = 'a'; t += 'b'\nb = BPF(text=t + 'c')", "abc"),
        ("t = 'X Y X'.replace('X', 'z').replace('Y', str(3)); BPF(text=t)", "z 3 z"),
        ("n = 5; BPF(text=f'a{n}b{n:#x}{{}}')", "a5b0x5{}"),
        ("BPF(text='a %s %d %% %x' % ('b', 7, 255))", "a b 7 % ff"),
        ("BPF(text='%(k)s!' % {'k': 'v'})", "v!"),
        ("BPF(text='{} {1} {n:02} {{}}'.format('a', 'b', n=3))".replace("{1}", "{}"), "a b 03 {}"),
        ("BPF(text='\\n'.join(['a', 'b']))", "a\nb"),
        ("t = '''\n  a\n  b\n'''\nimport textwrap\nBPF(text=textwrap.dedent(t).strip())", "a\nb"),
        ("def make(n, s='x'):\n    return s * n\nBPF(text=make(3))", "xxx"),
        ("t = 'a' if 2 > 1 and not 0 else 'b'\nBPF(text=t)", "a"),
        ("t = ''\nfor w in ['a', 'b']:\n    t += w\nBPF(text=t)", "ab"),
        ("class T:\n    def run(self):\n        t = 'a'\n        self.b = BPF(text=t)", "a"),
        ("def main():\n    with BPF(text='a') as b:\n        pass", "a"),
        ("if __name__ == '__main__':\n    BPF(text='a')", "a"),
        ("BPF(text='''a\n\\\nb''' 'c')", "a\nbc"),
        ("T = {'k': ['a']}\nBPF(text=T['k'][0][0])", "a"),
        ("from os import getpid\nBPF(text='P'.replace('P', str(getpid())))", "1"),
        ("BPF(text='\\n'.join(x for x in 'a\\nbX\\nc'.split('\\n') if 'X' not in x))", "a\nc"),
        ("BPF(text=''.join([c + d for c in 'a b'.split() for d in ['1', '2']]))", "a1a2b1b2"),
        (
            "p = []\nfor i, w in enumerate(['a', 'b']):\n    p.append(w + str(i))\nBPF(text=' '.join(p))",
            "a0 b1",
        ),
        (
            "t = 'A B'\nfor old, new in [('A', 'x'), ('B', 'y')]:\n    t = t.replace(old, new)\nBPF(text=t)",
            "x y",
        ),
        ("t = 'K'\nfor k, v in {'K': 'v'}.items():\n    t = t.replace(k, v)\nBPF(text=t)", "v"),
        ("d = {}\nd['k'] = 'v'\nBPF(text=d['k'] + d.get('n', 'w'))", "vw"),
        ("t = ''\nfor w in ['a', 'b', 'c']:\n    if w == 'b':\n        break\n    t += w\nBPF(text=t)", "a"),
        (
            "t = ''\nfor w in ['a', 'b', 'c']:\n    if w == 'b':\n        continue\n    t += w\nBPF(text=t)",
            "ac",
        ),
        ("for w in ['a']:\n    t = w\nelse:\n    t = 'e'\nBPF(text=t)", "e"),
        ("import resource\nBPF(text=str(resource.getpagesize()))", str(resource.getpagesize())),
        (
            "n = struct.unpack('!I', socket.inet_aton('1.2.3.4'))[0]\nBPF(text='%x' % n)",
            "1020304",
        ),
        (
            "class G:\n    t = 'a'\ndef f():\n    G.t = 'b'\n    return g()\n"
            "def g():\n    return G.t\nBPF(text=f())",
            "b",
        ),
        ("def f(args):\n    return args.x\nargs = 0\nargs.x = 'a'\nBPF(text=f(args))", "a"),
    ],
)
def test_program_texts_are_worked_out(source: str, text: str) -> None:
    assert program(source) == text


KALLSYMS = """
t = 'if (f_op == OPS) return ZONES;'
addr = ''
with open('/proc/kallsyms') as syms:
    for line in syms:
        (a, kind, name) = line.rstrip().split(' ', 2)
        if name == 'ext4_file_operations':
            addr = '0x' + a
            break
    if addr == '':
        exit()
BPF(text=t.replace('OPS', addr))
"""


def test_a_symbol_that_a_tool_looks_up_has_a_stand_in_for_its_address() -> None:
    tool = follow(KALLSYMS)
    [call] = tool.calls
    assert call.text and call.text.text == "if (f_op == 0xffffffff81000000) return ZONES;"
    assert tool.assumptions == ["line 5: the address of ext4_file_operations in /proc/kallsyms is a stand-in"]


def test_what_only_the_users_machine_knows_of_a_file_has_a_stand_in() -> None:
    tool = follow("import os\npi = os.stat('/dev/pts/1')\nBPF(text='I'.replace('I', str(pi.st_ino)))")
    [call] = tool.calls
    assert call.text and call.text.text == "1"
    assert tool.assumptions == ["line 3: what pi.st_ino is on your machine is a stand-in"]


@pytest.mark.parametrize(
    "source",
    [
        "p = []\nfor w in who():\n    p.append(w)\nBPF(text=' '.join(p))",
        "d = {'k': 'v'}\nd[who()] = 'w'\nBPF(text=d['k'])",
        "p = [who()]\nBPF(text=''.join(x for x in p))",
        "def f(args):\n    return args.x\nclass args:\n    x = 'a'\nBPF(text=f(who()))",
        "break\nBPF(text='a')",
        "BPF(text=''.join('a' for i in range(100) for j in range(100) for k in range(100)))",
    ],
)
def test_what_an_unknown_thing_was_put_into_is_not_known(source: str) -> None:
    [call] = follow(source).calls
    assert call.text is None
    assert call.problem is not None


def test_options_have_the_values_they_have_without_arguments() -> None:
    source = textwrap.dedent("""
        import argparse
        parser = argparse.ArgumentParser()
        group = parser.add_mutually_exclusive_group()
        group.add_argument("-p", "--pid", type=int)
        parser.add_argument("--only-one", action="store_true")
        parser.add_argument("-n", "--number", default=10)
        parser.add_argument("interval", nargs="?", default=99)
        args = parser.parse_args()
        text = "FILTER NUMBER INTERVAL"
        if args.pid:
            text = text.replace("FILTER", "if (pid != %d) return 0;" % args.pid)
        elif args.only_one:
            text = text.replace("FILTER", "one")
        else:
            text = text.replace("FILTER", "all")
        text = text.replace("NUMBER", "%d" % args.number).replace("INTERVAL", str(args.interval))
        BPF(text=text)
    """)
    assert program(source) == "all 10 99"


def test_a_condition_nobody_knows_is_taken_as_not_met_and_said() -> None:
    tool = follow("t = 'a'\nif asked():\n    t = 'b'\nBPF(text=t)")
    assert tool.calls[0].text
    assert tool.calls[0].text.text == "a"
    assert tool.assumptions == ["line 2: `if asked()` was taken as not met"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import sys\nBPF(text=sys.argv[1])", "sys.argv[1]"),
        ("t = input()\nBPF(text=t + 'a')", "input(…)"),
        ("t = ''\nfor w in words():\n    t += w\nBPF(text=t)", "t, which a loop computes"),
        ("BPF(src_file='no/such/file.c')", "the file no/such/file.c, which is not there"),
        ("def f(t):\n    return BPF(text=t)", "the parameter t"),
        ("t = 'a' * 10**9\nBPF(text=t)", "'a' * 10 ** 9"),
        ("def f():\n    return f()\nBPF(text=f())", "a recursion"),
        ("BPF(text=3)", "3"),
    ],
)
def test_what_only_a_run_would_tell_is_named(source: str, reason: str) -> None:
    [call] = follow(source).calls
    assert call.text is None
    assert call.problem
    assert call.problem.reason == reason


LOOPS = "for a in t:\n for b in t:\n  for c in t:\n   for d in t:\n    pass\n"

#: tools whose values are small, and whose work is not
WORK = {
    "tuples of tuples": "t = ('a', 'b')\n" + "t = (t, t)\n" * 80 + "BPF(text='%s' % (t,))",
    "tuples as text": "t = ('a', 'b')\n" + "t = (t, t)\n" * 80 + "BPF(text=str(t))",
    "tuples compared": "t = ('a', 'b')\n" + "t = (t, t)\n" * 80 + "BPF(text='a' if t == (t,) else 'b')",
    "a width": 'BPF(text="%1000000000d" % 1)',
    "a precision": 'BPF(text="%.1000000000f" % 1)',
    "a width in an f-string": 'BPF(text=f"{1:1000000000}")',
    "a width of format": 'BPF(text="{:>1000000000}".format(1))',
    "lists doubled": "t = [1]\n" + "t = t + t\n" * 60 + "BPF(text=str(t))",
    "loops": "t = range(100)\n" + LOOPS + "BPF(text='x')",
    "loops in a function": "def f():\n t = range(100)\n" + indent(LOOPS, " ") + "f()\nBPF(text=f())",
    "half a character": 'BPF(text="\\ud800")',
    "no function": "return\nBPF(text='a')",
}


@pytest.mark.parametrize("source", WORK.values(), ids=WORK)
def test_work_is_bounded_not_only_values(source: str) -> None:
    before = time.process_time()
    [call] = follow(source).calls
    assert time.process_time() - before < 5
    assert call.text is None and call.problem


B = "\nBPF(text='int f(void *ctx) { return 0; }')\n"

#: tools that the parser, or the walk, gives up on: what bpfdoctor itself must not die of
HOSTILE = {
    "16 MiB of statements": "a=1\n" * (4 << 20),
    "unary operators": "x = " + "-" * 1_000_000 + "1" + B,
    "a million terms": "x = " + "a and " * 1_000_000 + "b" + B,
    "lambdas": "x = " + "lambda:" * 100_000 + "1" + B,
    "branches": "if a:\n pass\n" + "elif b:\n pass\n" * 100_000 + B,
    "long texts joined": "t = 'a' * 1000000\n" + "u = t + t + t + t\n" * 30_000 + B,
    "functions": "".join(f"def f{n}():\n BPF(text=a)\n" for n in range(20_000)) + B,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_what_cannot_be_followed_is_a_problem_in_bounded_time(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python_tool, "SECONDS", 2)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(Problem, match=r"takes too much to work out|cannot be read as Python"):
        python_tool.follow(source, Path("tool.py"))
    assert time.monotonic() - start < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10  # KiB: it was not here


def test_the_copy_costs_next_to_nothing() -> None:
    python_tool.follow(B, Path("tool.py"))
    before = sum(os.times()[:4])
    for _ in range(10):
        python_tool.follow(B, Path("tool.py"))
    assert sum(os.times()[:4]) - before < 10 * 0.06


def test_of_very_many_programs_the_others_are_not_passed_over() -> None:
    tool = python_tool.follow(B * 500, Path("tool.py"))
    assert [bool(each.text) for each in tool.programs] == [True] * 20 + [False]
    assert "is not looked at, nor 479 more after it" in tool.programs[-1].unknown


@pytest.mark.parametrize("call", ["BPF(**how)", "BPF(*how)"])
def test_arguments_that_nobody_sees_may_be_a_program(call: str) -> None:
    [found] = follow(f"how = read()\n{call}").calls
    assert found.problem and found.problem.reason in call


def test_a_tools_flags_are_a_strangers() -> None:
    flags = ["-fplugin=x", "-DA=1", "-Xclang", "-load", "@rsp", "-include", "/etc/shadow", "-ovictim"]
    [call] = follow(f"BPF(text='a', cflags={flags})").calls
    assert list(compile_db.kept(list(call.cflags), "/src", Path("/src"))) == ["-DA=1"]


def test_every_line_keeps_its_place_in_the_tool() -> None:
    source = textwrap.dedent('''
        extra = """
        int x;
        int y;
        """
        text = """
        #include <a.h>
        int f(void *ctx) {
            FILTER
            return 0; }
        """
        text = text.replace("FILTER", "if (1) return 0;")
        text = extra + text
        text += "int tail;\\nint end;"
        BPF(text=text)
    ''')
    wanted = {
        2: 3,  # int x;
        3: 4,  # int y;
        5: 7,  # #include, after the newline that begins `text`
        6: 8,
        7: 9,  # FILTER: a value without lines belongs to where it was put
        8: 10,
        9: 14,  # int tail;
        10: 14,
    }
    found = lines(source)
    rows = program(source).split("\n")
    assert {line: found[line] for line in wanted} == wanted
    assert rows[1] == "int x;"
    assert rows[6] == "    if (1) return 0;"
    assert rows[8] == "int tail;"


def test_the_lines_of_an_f_string_are_counted() -> None:
    source = 'n = 3\nshort = "x;"\nBPF(text=f"""a {n}\nb {short}\nc\nd {n} e\nf""")'
    assert lines(source) == {1: 3, 2: 4, 3: 5, 4: 6, 5: 7}


@pytest.mark.parametrize(
    ("literal", "origin"),
    [
        ('"""a\nb\\nc\\\nd\n"""', [1, 1, 2, 2, 2, 3, 3]),
        ('r"""a\\n\nb"""', [1, 1, 1, 1, 2]),
        ('"\\x41\\101\\u0041\\N{BULLET}\\q"', [1] * 6),
        ("('a\\n'\n 'b')", [1, 1, 2]),
    ],
)
def test_each_character_of_a_literal_has_its_line(literal: str, origin: list[int]) -> None:
    [call] = follow(f"BPF(text={literal})").calls
    assert call.text
    assert list(call.text.origins) == origin


def test_attachments_say_the_types() -> None:
    tool = follow("""
b = BPF(text="")
name = "on_" + "sample"
b.attach_kprobe(event="x", fn_name="on_entry")
b.attach_perf_event(ev_type=1, fn_name=name)
b.attach_raw_tracepoint(tp="sched_switch", fn_name=b"on_switch")
mode = BPF.SCHED_CLS
fn = b.load_func("on_packet", mode)
b.load_func(other, BPF.XDP)
u.enable_probe("probe", "on_usdt")
""")
    assert python_tool.attachments(tool) == {
        "on_entry": "kprobe",
        "on_sample": "perf_event",
        "on_switch": "raw_tracepoint",
        "on_packet": "sched_cls",
        "on_usdt": "kprobe",
    }


def test_cflags_of_the_tool_are_kept_as_far_as_known() -> None:
    tool = follow("BPF(text='', cflags=['-DA=%d' % 3, unknown(), '-w'])")
    assert tool.calls[0].cflags == ("-DA=3", "-w")
    assert tool.assumptions == ["line 1: cflags that could not be worked out were left out"]


@given(st.text(alphabet="abt='\"%{}()[]+*. \n\\,:#fB0", max_size=60))
def test_any_script_is_followed_or_refused(text: str) -> None:
    with contextlib.suppress(SyntaxError, ValueError, RecursionError):
        follow("t = 'x'\n" + text + "\nBPF(text=t)")


def test_a_tool_that_prints_its_text_is_asked_to_where_the_text_depends_on_its_arguments(
    check: Check,
) -> None:
    source = (
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('what')\n"
        "parser.add_argument('--ebpf', action='store_true')\nBPF(text=parser.parse_args().what)"
    )
    with pytest.raises(Problem) as raised:
        check("tool.py", source)
    assert "tool.py --ebpf … > prog.c" in raised.value.ways_out[0]


@pytest.mark.parametrize(
    ("line", "way_out"),
    [
        ('$lib/ucalls -l java "$@"', "It starts ucalls: bpfdoctor check -- "),
        ("exec $(dirname $0)/ucalls", "It starts ucalls: bpfdoctor check -- "),
        ("./ucalls", "It starts ucalls: bpfdoctor check -- "),
        ('echo "ucalls"', "Name the BCC tool, the C source or the object that it starts."),
    ],
)
def test_a_shell_script_names_the_tool_that_it_starts(tmp_path: Path, line: str, way_out: str) -> None:
    (tmp_path / "ucalls").write_text("#!/usr/bin/python3\n")
    wrapper = tmp_path / "javacalls"
    wrapper.write_text(f"#!/bin/bash\nlib=$(dirname $0)\n{line}\n")
    with pytest.raises(Problem) as raised:
        detect.flavour(wrapper)
    assert raised.value.ways_out[0].startswith(way_out)


def test_a_python_2_tool_and_one_that_computes_its_text_are_problems(check: Check) -> None:
    with pytest.raises(Problem) as caught:
        check("tool.py", "from bcc import BPF\nprint 'hello'\nBPF(text='')\n")
    assert "is not Python 3: line 2" in caught.value.sentence
    with pytest.raises(Problem) as caught:
        check("tool.py", "import sys\nBPF(text=open(sys.argv[1]).read())\n")
    assert "depends on sys.argv[1] (line 2), which is only known when the tool runs" in caught.value.sentence
    assert "--flavour bcc" in caught.value.ways_out[0]


TOOL = '''#!/usr/bin/python3
from bcc import BPF
import os, sys
open("ran", "w").write("this must never run")
header = """
#include <uapi/linux/ptrace.h>
"""
text = """
BPF_HASH(counts, u32, u64);
int count(struct pt_regs *ctx) {
    u32 key = PLACE;
    u64 *value = counts.lookup(&key);
    *value += 1;
    return 0;
}
int on_sample(void *ctx) { return 0; }
"""
b = BPF(text=header + text.replace("PLACE", "7"))
b.attach_kprobe(event="do_nanosleep", fn_name="count")
b.attach_perf_event(ev_type=1, ev_config=0, fn_name="on_sample")
'''


@pytest.mark.usefixtures("kernel")
def test_a_tool_is_checked_without_being_run(check: Check, tmp_path: Path) -> None:
    count, sample = check("tool.py", TOOL)
    assert (count.flavour, count.verdict) == (Flavour.PYTHON, Verdict.REFUSED)
    assert [path.name for path in tmp_path.iterdir()] == ["tool.py"]
    [line] = [line for line in text_of(count).splitlines() if line.startswith("; *value += 1; @ main.c:")]
    [rewritten] = [found for found in count.line_maps if found.file == "main.c"]
    assert rewritten.user_file == count.source
    assert rewritten.lines[int(line.rsplit(":", 1)[1])] == 13
    assert count.files[0].text.splitlines()[12] == "    *value += 1;"
    assert count.program
    assert (count.program.type, count.program.assumed) == ("kprobe", None)
    assert sample.program
    assert (sample.program.type, sample.verdict) == ("perf_event", Verdict.LOADS)
    assert "The tool was not run" in count.notes[0]


@pytest.mark.usefixtures("kernel")
def test_an_error_of_the_front_end_is_on_the_tools_line(check: Check) -> None:
    [report] = check("tool.py", TOOL.replace("return 0;\n}", "return nothing;\n}"))
    assert report.verdict is Verdict.NOT_COMPILED
    place = text_of(report).split("/virtual/main.c:")[1].split(":")[0]
    front = next(found for found in report.line_maps if found.file == "/virtual/main.c")
    assert front.lines[int(place)] == 14


@pytest.mark.usefixtures("kernel")
def test_a_source_file_of_the_tool_is_the_users_file(check: Check, write: Write) -> None:
    prog = write("prog.c", "int hello(void *ctx)\n{\n    return nothing;\n}\n")
    [report] = check("tool.py", "from bcc import BPF\nb = BPF(src_file='prog.c')\n")
    front = next(found for found in report.line_maps if found.file == "/virtual/main.c")
    assert front.user_file == str(prog)
    assert front.lines[3] == 3
    assert [Path(file.path).name for file in report.files[:2]] == ["prog.c", "tool.py"]


@pytest.mark.usefixtures("kernel")
def test_usdt_arguments_have_stand_ins(check: Check) -> None:
    tool = '''from bcc import BPF, USDT
u = USDT(pid=1)
u.enable_probe(probe="x", fn_name="on_x")
b = BPF(text="""
int on_x(struct pt_regs *ctx) {
    u64 address; int small;
    bpf_usdt_readarg(1, ctx, &address);
    bpf_usdt_readarg(2, ctx, &small);
    char text[8] = {};
    bpf_usdt_readarg_p(1, ctx, &text, sizeof(text));
    return text[0] + small;
}
""", usdt_contexts=[u])
'''
    [report] = check("tool.py", tool)
    assert report.verdict is Verdict.LOADS, text_of(report)
    assert any("stand-ins" in note for note in report.notes)


@pytest.mark.usefixtures("kernel")
def test_every_program_text_of_a_tool_is_checked(check: Check) -> None:
    tool = """from bcc import BPF
a = BPF(text="int first(void *ctx) { return 0; }")
b = BPF(text="int second(void *ctx) { return 0; }")
c = BPF(text=input())
"""
    first, second, third = check("tool.py", tool)
    assert [r.program.name for r in (first, second) if r.program] == ["first", "second"]
    assert third.verdict is Verdict.NO_ANSWER
    assert "the BPF(…) on line 4 depends on input(…) (line 4)" in third.no_answer
    assert [r.program.name for r in check("tool.py", tool, programs=("second",)) if r.program] == ["second"]
    with pytest.raises(Problem, match="no program called 'third'"):
        check("tool.py", tool, programs=("third",))
