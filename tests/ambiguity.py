"""Whether a backtracking matcher can take more than linear time for a pattern, told from the pattern alone.

A pattern is read as an automaton whose words end in a failure. It is exponential if a loop can read one word in two ways, and
polynomial of degree n if n loops in a row can share one word among them in many ways (Weideman et al., “Analyzing Matching Time
Behavior of Backtracking Regular Expression Matchers by Using Ambiguity of NFA”, 2016). A search is a loop of its own: it begins
at every place. Conditions on the letter before or behind are kept; longer ones are taken to hold, so what is called slow may
be quick, but hardly the other way round. A counted repeat of at most a thousand is shortened: it costs a factor, no degree.
"""

import re
from collections import defaultdict
from itertools import product
from re import _constants as sre
from re import _parser

EXPONENTIAL = 99
MOST_COUNTED = 1000
COPIES = 3
LETTERS = [*map(chr, range(0x180)), *"’“”„«»\u0662\u0967中か\u2028\u200b\ud800\ufffe"]
START = None  # before the first letter
SEARCHES = {"search", "findall", "finditer", "sub", "subn", "split"}
CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}


def degree(pattern: str | bytes, flags: int = 0, how: str = "search") -> int:
    """1 for linear, 2 for quadratic and so on; EXPONENTIAL."""
    return min(Automaton(pattern, flags, how, opaque=opaque).degree() for opaque in (False, True))


class Automaton:
    """`opaque`: a possessive repeat takes any of its letters in one way, and each of its rounds is also tried in vain.
    Either reading of it finds more ways than there are, so the lesser degree holds.
    """

    def __init__(self, pattern, flags, how, *, opaque):
        if isinstance(pattern, bytes):
            pattern = pattern.decode("latin-1")
            flags |= re.ASCII
        tree = _parser.parse(pattern, flags & ~re.DEBUG)
        self.flags, self.opaque = tree.state.flags, opaque
        self.letters = sorted({*LETTERS, *pattern, *pattern.lower(), *pattern.upper()})
        self.sets: list[frozenset[str] | None] = []  # of each node; None where it reads nothing
        self.steps = defaultdict(list)  # node: (node, condition)
        begin, self.accept, self.looked = self.node(), self.node(), self.node()
        first = begin
        if how in SEARCHES:
            first = self.node(frozenset(self.letters))
            self.join(begin, first)
            self.join(first, first)
            inside = self.node()
            self.join(begin, inside)
            self.join(first, inside)
            first = inside
        end = self.sequence(tree, first, self.flags)
        self.join(end, self.accept)
        self.begin, self.how = begin, how
        self.classes = self.group()

    def node(self, letters=None):
        self.sets.append(letters)
        return len(self.sets) - 1

    def join(self, one, other, condition=None):
        self.steps[one].append((other, condition))

    def reading(self, at, letters):
        node = self.node(letters)
        self.join(at, node)
        return node

    def free(self, at):
        node = self.node()
        self.join(at, node)
        return node

    # The pattern's tree

    def sequence(self, tree, at, flags):
        for operator, value in tree:
            at = self.element(operator, value, at, flags)
        return at

    def element(self, operator, value, at, flags):
        letters = self.one_letter(operator, value, flags)
        if letters is not None:
            return self.reading(at, letters)
        if operator is sre.BRANCH:
            end = self.node()
            for branch in value[1]:
                self.join(self.sequence(branch, self.free(at), flags), end)
            return end
        if operator is sre.SUBPATTERN:
            _, more, fewer, tree = value
            return self.sequence(tree, at, (flags | more) & ~fewer)
        if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            return self.repeat(*value, at, flags)
        if operator is sre.POSSESSIVE_REPEAT:
            return self.possessive(*value, at, flags)
        if operator is sre.ATOMIC_GROUP:
            return self.sequence(value, at, flags)
        if operator in (sre.ASSERT, sre.ASSERT_NOT):
            return self.look(operator is sre.ASSERT, *value, at, flags)
        if operator is sre.AT:
            node = self.node()
            self.join(at, node, self.place(value, flags))
            return node
        return self.free(at)  # a reference to a group

    def repeat(self, least, most, tree, at, flags):
        endless = most is sre.MAXREPEAT or most > MOST_COUNTED
        for _ in range(min(least, COPIES)):
            at = self.sequence(tree, at, flags)
        end = self.node()
        self.join(at, end)
        if endless:
            begin = self.node()
            self.join(at, begin)
            last = self.sequence(tree, begin, flags)
            self.join(last, begin)
            self.join(last, end)
            return end
        for _ in range(min(most - least, COPIES)):
            at = self.sequence(tree, self.free(at), flags)
            self.join(at, end)
        return end

    def possessive(self, least, most, tree, at, flags):
        """What it has taken it never gives back: so what comes behind one letter's repeat is none of these letters."""
        single = self.one_letter(*tree[0], flags) if len(tree) == 1 else None
        if self.opaque and single is None:
            return self.taken_whole(tree, at, flags)
        end = self.repeat(least, most, tree, at, flags)
        if most is sre.MAXREPEAT and single is not None:
            node = self.node()
            self.join(end, node, lambda before, behind: behind not in single)
            return node
        if most is sre.MAXREPEAT:
            firsts = self.first_letters(tree, flags)
            if firsts is not None:
                node = self.node()
                self.join(end, node, lambda before, behind: behind not in firsts)
                return node
        return end

    def taken_whole(self, tree, at, flags):
        begin = self.free(at)
        first = len(self.sets)
        self.sequence(tree, self.free(begin), flags)
        letters = frozenset().union(*filter(None, self.sets[first:]))
        loop = self.reading(begin, letters)
        self.join(loop, begin)
        end = self.free(begin)
        return end

    def first_letters(self, tree, flags):
        """Where each way through begins with a letter that decides: its letters; else None."""
        if len(tree) != 1:
            return None
        operator, value = tree[0]
        if operator is sre.SUBPATTERN:
            return self.first_letters(value[3], flags)
        if operator is sre.BRANCH and all(len(branch) == 1 for branch in value[1]):
            found = [self.decided_by(branch[0], flags) for branch in value[1]]
            return frozenset().union(*found) if all(found) else None
        return None

    def decided_by(self, element, flags):
        operator, value = element
        if operator in (sre.POSSESSIVE_REPEAT, sre.MAX_REPEAT) and value[0] == 1 and len(value[2]) == 1:
            return self.one_letter(*value[2][0], flags)
        return self.one_letter(operator, value, flags)

    def look(self, wanted, direction, tree, at, flags):
        letters = self.one_letter(*tree[0], flags) if len(tree) == 1 else None
        node = self.node()
        if letters is not None:
            place = 0 if direction < 0 else 1
            self.join(at, node, lambda *near: (near[place] in letters) is wanted)
            return node
        if direction > 0:  # read beside what follows, and left again
            self.join(self.sequence(tree, self.free(at), flags), self.looked)
        self.join(at, node, lambda before, behind: True)  # what follows may still be in vain
        return node

    def one_letter(self, operator, value, flags):
        if operator is sre.LITERAL:
            return self.folded(frozenset([chr(value)]), flags)
        if operator is sre.NOT_LITERAL:
            return frozenset(self.letters) - self.folded(frozenset([chr(value)]), flags)
        if operator is sre.ANY:
            return frozenset(self.letters) - (frozenset() if flags & re.DOTALL else {"\n"})
        if operator is sre.IN:
            found, negated = set(), False
            for kind, item in value:
                if kind is sre.NEGATE:
                    negated = True
                elif kind is sre.LITERAL:
                    found.add(chr(item))
                elif kind is sre.RANGE:
                    found |= {letter for letter in self.letters if item[0] <= ord(letter) <= item[1]}
                else:
                    pattern = re.compile(CATEGORIES[item], flags & re.ASCII)
                    found |= {letter for letter in self.letters if pattern.match(letter)}
            found = self.folded(frozenset(found), flags)
            return frozenset(self.letters) - found if negated else found
        if operator is sre.SUBPATTERN and len(value[3]) == 1:
            return self.one_letter(*value[3][0], (flags | value[1]) & ~value[2])
        if operator is sre.BRANCH and all(len(branch) == 1 for branch in value[1]):
            each = [self.one_letter(*branch[0], flags) for branch in value[1]]
            return None if None in each or len(each) > sum(map(len, each)) else self.joined(each)
        return None

    @staticmethod
    def joined(each):
        """Alternatives of one letter are one set where none of them overlap."""
        whole = frozenset().union(*each)
        return whole if len(whole) == sum(map(len, each)) else None

    @staticmethod
    def folded(letters, flags):
        if not flags & re.IGNORECASE:
            return letters
        return letters | {other for one in letters for other in (one.lower(), one.upper()) if len(other) == 1}

    def place(self, value, flags):
        if value in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING):
            if flags & re.MULTILINE and value is sre.AT_BEGINNING:
                return lambda before, behind: before in (START, "\n")
            return lambda before, behind: before is START
        if value in (sre.AT_END, sre.AT_END_STRING):
            return lambda before, behind: behind == "\n" and value is sre.AT_END
        word = re.compile(r"\w", flags & re.ASCII)
        is_boundary = value is sre.AT_BOUNDARY

        def differ(before, behind):
            return (bool(word.match(before or " ")) != bool(word.match(behind))) is is_boundary

        return differ

    # What is read by it

    def group(self):
        """One letter for all that no part of the pattern tells apart."""
        kinds = {}
        word = re.compile(r"\w")
        sets = {letters for letters in self.sets if letters is not None}
        conditions = [c for steps in self.steps.values() for _, c in steps if c]
        for letter in self.letters:
            told = (
                *(letter in letters for letters in sets),
                bool(word.match(letter)),
                letter == "\n",
                *(condition("a", letter) for condition in conditions),
                *(condition(" ", letter) for condition in conditions),
                *(condition(letter, "a") for condition in conditions),
                *(condition(letter, " ") for condition in conditions),
            )
            kinds.setdefault(told, letter)
        return sorted(kinds.values())

    def ways(self, node, before, behind):
        """{node that reads `behind`: in how many ways it is come to}, for two at most."""
        found = defaultdict(int)
        stack, seen = [(node, frozenset([node]))], 0
        while stack and seen < 20_000:
            at, path = stack.pop()
            seen += 1
            for target, condition in self.steps[at]:
                if condition and not condition(before, behind):
                    continue
                if self.sets[target] is not None:
                    found[target] += behind in self.sets[target]
                elif target not in path:
                    stack.append((target, path | {target}))
        return {target: min(2, count) for target, count in found.items() if count}

    def accepts(self, node):
        """Whether it is a match already, whatever follows, of the pattern or of a look ahead: then nothing is tried again."""
        ends = {self.looked} if self.how == "fullmatch" else {self.looked, self.accept}
        stack, seen = [node], {node}
        while stack:
            for target, condition in self.steps[stack.pop()]:
                if target in ends and condition is None:
                    return True
                if condition is None and self.sets[target] is None and target not in seen:
                    seen.add(target)
                    stack.append(target)
        return False

    def graph(self, *, all_states=False):
        """What is read after what; those left out where all is well already, whose ways are never tried twice."""
        edges, doubled, todo, seen = defaultdict(set), set(), [(self.begin, START)], {(self.begin, START)}
        accepting = {}
        while todo:
            state = todo.pop()
            for behind in self.classes:
                for target, count in self.ways(*state, behind).items():
                    if target not in accepting:
                        accepting[target] = not all_states and self.accepts(target)
                    if accepting[target]:
                        continue
                    new = target, behind
                    edges[state].add(new)
                    if count > 1:
                        doubled.add((state, new))
                    if new not in seen:
                        seen.add(new)
                        todo.append(new)
        return edges, doubled

    def degree(self):
        edges, doubled = self.graph()
        component = components(edges)
        loops = defaultdict(set)
        for state, number in component.items():
            if any(component.get(target) == number for target in edges[state]):
                loops[number].add(state)
        for number, states in loops.items():
            inner = {state: {t for t in edges[state] if component[t] == number} for state in states}
            if any((s, t) in doubled for s in inner for t in inner[s]) or reads_in_two_ways(inner):
                return EXPONENTIAL
        return longest_chain(edges, component, loops)


def components(edges):
    """{state: number} of what can be come back to (Tarjan, without recursion)."""
    index, low, number, stack, on_stack, count = {}, {}, {}, [], set(), 0
    for root in list(edges):
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            state, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(edges.get(target, ()))))
                    break
                if target in on_stack:
                    low[state] = min(low[state], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[state])
                if low[state] == index[state]:
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        number[member] = count
                        if member == state:
                            break
                    count += 1
    return number


def reads_in_two_ways(inner):
    """Whether two different ways through a loop read one word and meet again."""
    pairs, todo = defaultdict(set), [(state, state) for state in inner]
    seen = set(todo)
    while todo:
        pair = todo.pop()
        for one, other in product(inner[pair[0]], inner[pair[1]]):
            if one[1] == other[1]:
                pairs[pair].add((one, other))
                if (one, other) not in seen:
                    seen.add((one, other))
                    todo.append((one, other))
    number = components(pairs)
    same = {number[pair] for pair in number if pair[0] == pair[1]}
    return any(number[pair] in same for pair in number if pair[0] != pair[1])


def longest_chain(edges, component, loops):
    """One more than the most loops that follow each other and can hand letters of one word to the next."""
    reach = {}

    def reached(number):
        if number not in reach:
            reach[number] = set()
            todo = list(loops[number])
            seen = set(todo)
            while todo:
                for target in edges[todo.pop()]:
                    if target not in seen:
                        seen.add(target)
                        todo.append(target)
            reach[number] = seen
        return reach[number]

    following = defaultdict(set)
    for one in loops:
        for other in loops:
            if (
                other != one
                and loops[other] & reached(one)
                and hand_over(edges, loops[one], loops[other], component)
            ):
                following[one].add(other)
    depth = {}

    def deep(number):
        if number not in depth:
            depth[number] = 1 + max((deep(other) for other in following[number]), default=0)
        return depth[number]

    return max((deep(number) for number in loops), default=1)


def hand_over(edges, one, other, component):
    """Whether some word leads from a state of the first loop back to it, on to the second, and there back to where it was."""
    numbers = {component[next(iter(one))], component[next(iter(other))]}
    first, last = (next(iter(numbers & {component[next(iter(loop))]})) for loop in (one, other))
    for p in one:
        for q in other:
            if p[1] != q[1]:
                continue
            todo, seen = [(p, p, q)], {(p, p, q)}
            while todo:
                a, b, c = todo.pop()
                for x in edges[a]:
                    if component[x] != first:
                        continue
                    for z in edges[c]:
                        if z[1] != x[1] or component[z] != last:
                            continue
                        for y in edges[b]:
                            if y[1] != x[1]:
                                continue
                            if (x, y, z) == (p, q, q):
                                return True
                            if (x, y, z) not in seen:
                                seen.add((x, y, z))
                                todo.append((x, y, z))
    return False
