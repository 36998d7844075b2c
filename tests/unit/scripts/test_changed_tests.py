"""Which tests a change concerns."""

from scripts.changed_tests import ANSWERS, chosen_for, files_of_tests, imports


def files(*changed: str) -> list[str]:
    return [test for test in chosen_for(changed) if not test.startswith(ANSWERS)]


def programs(*changed: str) -> list[str]:
    return [
        test.partition("[")[2].rstrip("]") for test in chosen_for(changed) if test.startswith(f"{ANSWERS}::")
    ]


def test_a_module_brings_the_tests_that_use_it_and_those_that_use_its_neighbours() -> None:
    assert "tests/unit/trace/test_trace_slice.py" in files("bpfdoctor/trace/slice.py")
    assert "tests/unit/machine/test_number.py" in files("bpfdoctor/machine/number.py")
    assert "tests/unit/source/test_quoted.py" not in files("bpfdoctor/machine/number.py")
    # By way of tests/unit/trace/trace_logs.py.
    assert "tests/unit/trace/test_trace_path.py" in files("bpfdoctor/trace/__init__.py")


def test_a_collector_brings_what_its_rules_answer() -> None:
    found = programs("bpfdoctor/analysis/collectors/nullness.py")
    assert "map-value-or-null/lookup-not-checked" in found
    assert all(program.startswith("map-value-or-null/") for program in found)
    assert "tests/unit/analysis/test_losses.py" in files("bpfdoctor/analysis/collectors/nullness.py")


def test_what_everything_uses_brings_a_sample_of_the_answers() -> None:
    assert 60 <= len(programs("bpfdoctor/model/trace.py")) <= 120


def test_other_files_bring_their_own_tests() -> None:
    assert "tests/unit/catalogue/test_rules.py" in files("rules/memory/stack-bounds.md")
    assert {name.split("/")[0] for name in programs("rules/memory/stack-bounds.md")} == {"stack-bounds"}
    assert programs("corpus/cases/stack-bounds/index-past-buffer/prog.bpf.c") == [
        "stack-bounds/index-past-buffer"
    ]
    assert files("tests/unit/test_numbers.py") == ["tests/unit/test_numbers.py"]
    assert files("LICENSE") == [] and programs("LICENSE") == []


def test_every_test_file_can_be_found_by_what_it_imports() -> None:
    ours = ("bpfdoctor", "scripts", "tests")
    lost = [
        path.name for path in files_of_tests() if not any(each.startswith(ours) for each in imports(path))
    ]
    # One reads all of our code as text, one calls what is installed, one runs a program that imports.
    assert sorted(lost) == ["test_imports.py", "test_real_sudo.py", "test_temporary.py"]
