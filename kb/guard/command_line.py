"""The command line: how every command, ours or Django's, is found, run and ended."""

import difflib
import os
import pwd
import select
import sqlite3
import sys
import tomllib
from argparse import SUPPRESS
from functools import cache, partial
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility, get_commands
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    SystemCheckError,
)
from django.db import DatabaseError, OperationalError, ProgrammingError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

NAME = "codebook"
ROOT = Path(__file__).resolve().parents[2]
# Django's own options, which every command has: they work, and --help leaves them out.
GENERIC_OPTIONS = {
    "--version",
    "--verbosity",
    "--settings",
    "--pythonpath",
    "--traceback",
    "--no-color",
    "--force-color",
    "--skip-checks",
}
FROM_DJANGO = {
    "changepassword": "Give a person a new password: changepassword NAME.",
    "check": "Look for mistakes in the settings; with --deploy, as for a copy that others can reach.",
    "createsuperuser": "Make an admin.",
    "sendtestemail": "Send a mail by EMAIL_URL to see whether it arrives: sendtestemail ADDRESS.",
}
FAILED, REFUSED = 1, 2
# As a shell tells of SIGINT and SIGPIPE.
INTERRUPTED, NOBODY_READS = 130, 141
BESIDE_A_DATABASE = 2**16  # bytes that SQLite takes for an index of its log


class CodebookCommand(BaseCommand):
    """A command of ours. Its --help is about itself, and its errors are sentences."""

    suppressed_base_arguments = GENERIC_OPTIONS
    requires_tables = True
    # Root otherwise becomes the owner of the data, who could not touch root's files.
    may_stay_root = False

    def get_version(self) -> str:
        return f"Codebook {version()}"

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        for action in parser._actions:
            if GENERIC_OPTIONS & {*action.option_strings}:
                action.help = SUPPRESS  # --skip-checks goes past suppressed_base_arguments
        setattr(parser, "error", partial(_refuse, parser))  # noqa: B010 -- argparse has no other way in
        return parser

    def execute(self, *arguments: Any, **options: Any) -> str | None:
        try:
            if self.requires_tables:
                check_tables()
            return super().execute(*arguments, **options)
        except CommandError as problem:
            if not self._called_from_command_line or options["traceback"]:
                raise
            if isinstance(problem, SystemCheckError):
                raise
            self.stderr.write(str(problem))
            sys.exit(problem.returncode)


def _refuse(parser: Any, message: str) -> NoReturn:
    """In one sentence, with the option that was perhaps meant."""
    head, _, unknown = message.partition("unrecognized arguments: ")
    if unknown and not head:
        known = [option for action in parser._actions for option in action.option_strings]
        near = difflib.get_close_matches(unknown.split()[0].partition("=")[0], known, 1)
        message = f"There is no {unknown}."
        after = " What begins with a hyphen and is no option stands after --." if unknown[0] == "-" else ""
        message += f" Did you mean {near[0]}?" if near else after
    if not parser.called_from_command_line:
        raise CommandError(f"Error: {message}")
    parser.print_usage(sys.stderr)
    sys.stderr.write(f"{message}\n{parser.prog} --help tells more.\n")
    sys.exit(REFUSED)


class CommandLine(ManagementUtility):
    """Django's, under the name of Codebook."""

    def execute(self) -> None:
        if self.argv[1:] in (["--version"], ["version"]):
            sys.stdout.write(f"Codebook {version()}\n")
        else:
            super().execute()

    def fetch_command(self, subcommand: str) -> BaseCommand:
        try:
            command = super().fetch_command(subcommand)
        except SystemExit:  # there is no such command, which was said
            sys.exit(REFUSED)
        is_ours = isinstance(command, CodebookCommand)
        if (is_ours or settings.DATA_DIR.exists()) and not getattr(command, "may_stay_root", False):
            become_owner(*owner(settings.DATA_DIR))
        if not is_ours:
            command.suppressed_base_arguments = GENERIC_OPTIONS
            if command.requires_migrations_checks and "--help" not in self.argv and "-h" not in self.argv:
                check_tables()
        return command

    def main_help_text(self, commands_only: bool = False) -> str:
        if self.settings_exception:
            raise self.settings_exception
        if commands_only:
            return str(super().main_help_text(commands_only=True))
        ours = {name: app for name, app in get_commands().items() if str(app).startswith("kb.")}
        about = {name: str(self.fetch_command(name).help) for name in ours} | FROM_DJANGO
        width = max(map(len, about)) + 2
        lines = [f"  {name:{width}}{_first_sentence(about[name])}" for name in sorted(about)]
        return "\n".join(
            [
                f"Codebook {version()}",
                "",
                f"Usage: {NAME} COMMAND [OPTION…]",
                f"Help on one command: {NAME} help COMMAND. All commands, Django’s too: {NAME} help --commands.",
                "",
                *lines,
            ]
        )


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].removesuffix(".") + "."


def version() -> str:
    with open(ROOT / "pyproject.toml", "rb") as stream:
        return str(tomllib.load(stream)["project"]["version"])


def main(argv: list[str]) -> None:
    """Run one command. What went wrong outside of Codebook is told in a sentence, without a traceback."""
    _open_closed_streams()
    try:
        try:
            CommandLine([NAME, *argv[1:]]).execute()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        _end(INTERRUPTED)
    except EOFError:  # Ctrl+D, or no terminal
        _end(FAILED, "Nothing was done: the input ended before the question was answered.")
    except BrokenPipeError:
        if not _nobody_reads():
            raise  # a connection of the command's own
        _end(NOBODY_READS)
    except ImproperlyConfigured as problem:
        _end(FAILED, f"Codebook cannot start: {problem}")
    except CommandError as problem:
        _end(problem.returncode, str(problem))
    except (DatabaseError, OSError) as problem:
        if "--traceback" in argv or not (sentence := _in_words(problem)):
            raise
        _end(FAILED, sentence)


def _open_closed_streams() -> None:
    """Open on nothing what our caller closed. A new file takes the lowest free number, so each gets its own back."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(nothing, mode, closefd=False))  # noqa: SIM115 -- for as long as we run


def _end(code: int, sentence: str = "") -> NoReturn:
    if sentence:
        sys.stderr.write(f"{sentence}\n")
    else:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still unwritten has no reader
    sys.exit(code)


def _nobody_reads() -> bool:
    """Whether the reader of what we print is gone, as `head` when it has enough."""
    streams = select.poll()
    for number in (1, 2):
        streams.register(number, 0)
    return any(what & (select.POLLERR | select.POLLHUP) for _, what in streams.poll(0))


def _in_words(problem: Exception) -> str:
    """Nothing for what is a mistake of ours, such as a row that breaks a constraint."""
    if isinstance(problem, OSError):
        place = f"{problem.filename}: " if problem.filename else ""
        return f"{place}{problem.strerror or problem}."  # a mail server's refusal has no strerror
    if not isinstance(problem, OperationalError | ProgrammingError) and type(problem) is not DatabaseError:
        return ""
    try:
        check_tables()
        is_old = has_older_tables()
    except CommandError as lack:
        return str(lack)
    except DatabaseError:
        is_old = False
    if is_old:
        return f"The tables are those of an older Codebook. Bring them up to date: ./{NAME} upgrade"
    return f"The database could not do it: {str(problem).strip()}."


def has_older_tables() -> bool:
    """Before `upgrade`, also while a server runs: somebody may restore a backup of an older Codebook."""
    return bool(_known() - applied())


@cache
def _known() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def applied() -> set[tuple[str, str]]:
    return set(MigrationRecorder(connection).applied_migrations())


def has_database_file(database: Any = connection) -> bool:
    """Whether there is one to open; of a server and of a database in memory always."""
    if database.vendor != "sqlite" or database.is_in_memory_db():
        return True
    return Path(database.settings_dict["NAME"]).exists()


def check_tables() -> None:
    """Refuse where `upgrade` has not been."""
    try:
        if has_database_file() and MigrationRecorder(connection).has_table():
            return
    except (DatabaseError, OSError) as problem:
        if _has_no_room(problem):
            raise CommandError(
                f"The database {_place()} cannot be opened: its disk is full. Make room there, and do it again."
            ) from None
        reason = getattr(problem, "strerror", None) or str(problem).strip()
        raise CommandError(f"The database {_place()} cannot be opened: {reason}.") from None
    raise CommandError(
        f"There is no Codebook in {_place()} yet. Start it once with ./run, which makes the tables "
        f"(./{NAME} upgrade does that alone), or look at DATA_DIR and DATABASE_URL in {settings.BASE_DIR / '.env'}."
    )


def _has_no_room(problem: Exception) -> bool:
    """SQLite says “disk I/O error” where it cannot make the files that it keeps beside a database."""
    if getattr(problem.__cause__, "sqlite_errorcode", 0) & 0xFF not in {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
    }:
        return False
    disk = os.statvfs(Path(connection.settings_dict["NAME"]).parent)
    return disk.f_frsize * disk.f_bavail < BESIDE_A_DATABASE


def _place() -> str:
    given = connection.settings_dict
    return f"{given['NAME']} on {given['HOST']}" if given.get("HOST") else str(given["NAME"])


def owner(folder: Path) -> tuple[int, int]:
    """User and group; of the files of Codebook where the folder is not there yet."""
    found = (folder if folder.exists() else ROOT).stat()
    return found.st_uid, found.st_gid


def become_owner(user: int, group: int) -> None:
    """Root goes on as whoever owns the data, for good: files of root's would stop the service."""
    if os.geteuid() != 0 or user == 0:
        return
    try:
        found = pwd.getpwuid(user)
        os.initgroups(found.pw_name, group)
        os.environ["HOME"] = found.pw_dir
    except KeyError:
        os.setgroups([group])
    os.setgid(group)
    os.setuid(user)
