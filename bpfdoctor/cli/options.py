"""The options that several commands share, with the words of their help."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, cast

from typer import BadParameter, CallbackParam, Context, Option

from bpfdoctor.cli import complete, config_file, config_path
from bpfdoctor.cli.output_options import Color, Format, OutputOptions
from bpfdoctor.kernel.capabilities import NAMES
from bpfdoctor.model.problem import Problem
from bpfdoctor.render import FORMATS


def _configured(context: Context, value: str | None) -> str | None:
    """Lets what a file says stand for options that are not given. Raises Problem."""
    file = config_path.found() if value is None else None if value == "none" else value
    context.obj = config = config_file.read(Path(file)) if file else None
    told = config.defaults() if config else {}
    context.default_map = {
        parameter.name: told[parameter.name] for parameter in context.command.params if parameter.name in told
    }
    for parameter in context.command.params:
        if parameter.name in context.default_map:
            try:
                parameter.type_cast_value(context, told[parameter.name])
            except BadParameter as error:
                raise Problem(f"{file}: {parameter.name.replace('_', '-')}: {error.message}") from None
    return value


def added(context: Context, parameter: CallbackParam, value: list[str] | None) -> list[str] | None:
    """An option that adds to what the file with the settings says."""
    name = parameter.name or ""
    if _source(context, name) == "DEFAULT_MAP":
        return value
    return [*((context.default_map or {}).get(name) or ()), *(value or ())]


def _source(context: Context, name: str) -> str:
    """Where a parameter's value comes from, as click calls it."""
    source = context.get_parameter_source(name)
    return source.name if source else ""


Config = Annotated[
    str | None,
    Option(
        "--config",
        metavar="FILE",
        is_eager=True,
        callback=_configured,
        help="Settings; by default the nearest bpfdoctor.toml or pyproject.toml above. none: no file.",
    ),
]
Include = Annotated[
    list[str] | None, Option("-I", metavar="DIR", callback=added, help="Also look for headers in DIR.")
]
Define = Annotated[
    list[str] | None, Option("-D", metavar="NAME[=VALUE]", callback=added, help="Define a macro.")
]
Cflags = Annotated[
    list[str] | None,
    Option("--cflags", metavar="FLAGS", callback=added, help="Extra clang flags (shell-quoted)."),
]
Clang = Annotated[str | None, Option("--clang", metavar="PROGRAM", help="The clang to use.")]
Programs = Annotated[
    list[str] | None, Option("--prog", metavar="NAME", help="Only this program; may be repeated.")
]
SetGlobals = Annotated[
    list[str] | None,
    Option(
        "--set",
        metavar="NAME=VALUE",
        callback=added,
        help="Set a constant (const volatile) before loading, as its loader would; may be repeated.",
    ),
]
Jobs = Annotated[
    int | None,
    Option("-j", "--jobs", metavar="N", min=1, help="Files looked at side by side; by default one per core."),
]
OutputFormat = Annotated[
    Format,
    Option(
        "--output-format",
        help="full: drawn in your source. concise: a line per finding. The others are for machines and CI.",
    ),
]
OutputFile = Annotated[
    Path | None,
    Option(
        *("--output-file", "-o"),
        metavar="FILE",
        readable=False,  # typer would ask that of a file to be written
        help="Write the answer to FILE instead of the terminal.",
    ),
]
Also = Annotated[
    list[str] | None,
    Option(
        "--also",
        metavar="FORMAT=FILE",
        help="Write the answer to FILE as well, in that format; may be repeated.",
    ),
]
Select = Annotated[
    list[str] | None,
    Option(
        "--select",
        metavar="RULES",
        autocompletion=complete.rules_listed,
        help="Only these rules: names, ids, categories or topics, separated by commas.",
    ),
]
Ignore = Annotated[
    list[str] | None,
    Option(
        "--ignore",
        metavar="RULES",
        autocompletion=complete.rules_listed,
        callback=added,
        help="Leave these rules out; a program refused only by them counts as fine.",
    ),
]
KnownFindings = Annotated[
    Path | None,
    Option("--baseline", metavar="FILE", help="Tell only what is not listed there."),
]
WriteBaseline = Annotated[
    Path | None,
    Option(
        "--write-baseline",
        metavar="FILE",
        readable=False,
        help="List there what is found now, for --baseline; exit 0 for findings.",
    ),
]
ExitZero = Annotated[bool, Option("--exit-zero", help="Exit 0 even if there are findings.")]
ColorChoice = Annotated[Color, Option("--color", help="auto: colour on a terminal, unless NO_COLOR is set.")]
Width = Annotated[
    int | None,
    Option("--width", min=40, max=1000, metavar="COLUMNS", help="Width of the drawing, in columns."),
]
Ascii = Annotated[
    bool,
    Option("--ascii", help="Draw with ASCII only, as where the locale is C: no frames, no arrows."),
]


def output(
    format: Format,
    file: Path | None,
    select: list[str] | None,
    ignore: list[str] | None,
    exit_zero: bool,
    color: Color,
    width: int | None,
    config: config_file.Config | None = None,
    also: list[str] | None = None,
    ascii: bool = False,
) -> OutputOptions:
    """The options as one value."""
    own = config.ignored if config else _nothing
    return OutputOptions(
        format,
        file,
        _names(select),
        _names(ignore),
        own,
        exit_zero=exit_zero,
        color=color,
        width=width,
        ascii=ascii,
        also=tuple(map(_format_and_file, also or ())),
    )


def _format_and_file(text: str) -> tuple[Format, Path]:
    name, equals, file = text.partition("=")
    if not equals or not file:
        raise BadParameter(f"{text!r} names no file; it is FORMAT=FILE", param_hint="--also")
    if name not in FORMATS:
        raise BadParameter(f"{name!r} is none of {', '.join(FORMATS)}", param_hint="--also")
    return cast("Format", name), Path(file)


def _nothing(_: str) -> tuple[str, ...]:
    return ()


def _names(values: list[str] | None) -> tuple[str, ...]:
    """`--select a,b --select c` as ("a", "b", "c")."""
    return tuple(name.strip() for value in values or () for name in value.split(",") if name.strip())


def given(context: Context) -> frozenset[str]:
    """The parameters that stand on the command line, or in the environment."""
    return frozenset(
        name for name in context.params if _source(context, name) in ("COMMANDLINE", "ENVIRONMENT")
    )


def check_capabilities(names: Iterable[str]) -> None:
    """Raises Problem for a set of capabilities that there is not."""
    if unknown := [name for name in names if name not in NAMES]:
        raise Problem(f"There is no set of capabilities called {unknown[0]!r}.", f"Use {', '.join(NAMES)}.")


def split(flags: list[str] | None) -> tuple[str, ...]:
    """The words of `--cflags`. Raises Problem."""
    import shlex

    try:
        return tuple(word for text in flags or () for word in shlex.split(text))
    except ValueError as error:
        raise Problem(
            f"--cflags cannot be split: {str(error).lower()}.", "Quote it as for a shell."
        ) from None
