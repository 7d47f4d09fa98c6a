class TextError(ValueError):
    """What an editor has to change, in a sentence; opens with the line where that is known."""


def error_at(lines: list[str], passage: str, problem: str) -> TextError:
    """The problem, with the number of the first line that holds the passage."""
    for number, line in enumerate(lines, start=1):
        if passage and passage in line:
            return error_on(number, problem)
    return TextError(problem)


def error_on(number: int, problem: str) -> TextError:
    return TextError(f"Line {number}: {problem}")
