"""Terms as quotients of polynomials: equal ones are shown equal here, exactly, without a computer algebra system.

A polynomial maps monomials to rational coefficients; a monomial is a sorted tuple of atoms and exponents. Atoms are
letters, constants, primes under a root, and functions or roots of what has no simpler form. What is not zero here may
still be zero: `sin(x)^2 + cos(x)^2 - 1`. Sizes are bounded before anything is multiplied out.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import factorial, isqrt
from typing import NamedTuple, TypeAlias

from tracemill.verifiers.answer.grammar.expression_tree import Expression

MAX_TERMS = 200
MAX_EXPONENT = 40
MAX_BITS = 4_096
MAX_FACTORIAL = 100
_TRIAL = 10_000

Monomial: TypeAlias = tuple[tuple[str, Fraction], ...]
Polynomial: TypeAlias = dict[Monomial, Fraction]

_ONE: Polynomial = {(): Fraction(1)}


class NoFormError(ArithmeticError):
    """Too large, or of no value."""


class NoValueError(NoFormError):
    """Divides by zero."""


class Quotient(NamedTuple):
    over: Polynomial
    under: Polynomial


def same_form(left: Expression, right: Expression) -> bool:
    """Whether the difference of both is zero in this form.

    Raises:
        NoFormError: one has no such form, or none within the bounds.
    """
    return not difference(left, right)


def difference(left: Expression, right: Expression) -> Polynomial:
    """What is zero where both are equal, without denominators.

    Raises:
        NoFormError
    """
    one, other = quotient(left), quotient(right)
    return _plus(_times(one.over, other.under), _times(other.over, one.under), Fraction(-1))


def rational(term: Expression) -> Fraction | None:
    """The value of a term that is a rational number.

    Raises:
        NoFormError
    """
    form = quotient(term)
    if not form.over:
        return Fraction(0)
    first = next(iter(form.under))
    if first not in form.over:
        return None
    ratio = form.over[first] / form.under[first]
    scaled = {monomial: value * ratio for monomial, value in form.under.items()}
    return ratio if scaled == form.over else None


@lru_cache(maxsize=2048)
def quotient(term: Expression) -> Quotient:
    """The form of a term.

    Raises:
        NoFormError
    """
    match term.op:
        case "number":
            return _constant(term.value)
        case "name":
            return Quotient({((term.name, Fraction(1)),): Fraction(1)}, _ONE)
        case "neg":
            inner = quotient(term.args[0])
            return Quotient(_scaled(inner.over, Fraction(-1)), inner.under)
        case "+" | "-" | "*" | "/":
            return _combined(term.op, quotient(term.args[0]), quotient(term.args[1]))
        case "^":
            return _power(term.args[0], term.args[1])
        case "root":
            return _power(term.args[0], Expression("/", (Expression("number", value=Fraction(1)), term.args[1])))
        case "!":
            return _constant(Fraction(factorial(_small(term.args[0]))))
        case "binom":
            return _constant(_binomial(*term.args))
        case "exp":
            return _power(Expression("name", name="e"), term.args[0])
    return _atom(term.op, *(quotient(arg) for arg in term.args))


def _combined(op: str, left: Quotient, right: Quotient) -> Quotient:
    if op == "*":
        return Quotient(_times(left.over, right.over), _times(left.under, right.under))
    if op == "/":
        if not right.over:
            raise NoValueError("divides by zero")
        return Quotient(_times(left.over, right.under), _times(left.under, right.over))
    sign = Fraction(1 if op == "+" else -1)
    if left.under == right.under:
        return Quotient(_plus(left.over, right.over, sign), left.under)
    over = _plus(_times(left.over, right.under), _times(right.over, left.under), sign)
    return Quotient(over, _times(left.under, right.under))


def _power(base: Expression, exponent: Expression) -> Quotient:
    power = rational(exponent)
    inner = quotient(base)
    if power is None:
        return _atom("^", inner, quotient(exponent))
    if power < 0:
        if not inner.over:
            raise NoValueError("divides by zero")
        inner, power = Quotient(inner.under, inner.over), -power
    if not power and not inner.over:
        raise NoValueError("0^0")
    whole, part = divmod(power, 1)
    value = _whole_power(inner, int(whole))
    return _combined("*", value, _rooted(inner, part)) if part else value


def _whole_power(base: Quotient, exponent: int) -> Quotient:
    size = max((_bits(value) for poly in base for value in poly.values()), default=0)
    single = len(base.over) <= 1 and len(base.under) == 1
    if size * exponent > MAX_BITS or (exponent > MAX_EXPONENT and not single):
        raise NoFormError("a power too large")
    value = Quotient(_ONE, _ONE)
    for bit in bin(exponent)[2:]:
        value = _combined("*", value, value)
        if bit == "1":
            value = _combined("*", value, base)
    return value


def _rooted(base: Quotient, power: Fraction) -> Quotient:
    """Of a fractional power what can be taken out for every real value: the roots of a number; `x^(1/2)` of `x`."""
    if len(base.over) == 1 and len(base.under) == 1:
        (over, number), (under, divisor) = next(iter(base.over.items())), next(iter(base.under.items()))
        negated: Monomial = tuple((atom, -exponent) for atom, exponent in under)
        monomial = _joined(over, negated)
        value = number / divisor
        odd = all(exponent.denominator == 1 and exponent.numerator % 2 for _, exponent in monomial)
        if (value > 0 or power == Fraction(1, 2)) and (not monomial or (len(monomial) == 1 and odd and value > 0)):
            left = Quotient({tuple((atom, exponent * power) for atom, exponent in monomial): Fraction(1)}, _ONE)
            return _combined("*", _number_root(value, power), left)
    return Quotient({((f"root {power} of {_key(base)}", Fraction(1)),): Fraction(1)}, _ONE)


def _number_root(value: Fraction, power: Fraction) -> Quotient:
    """`12^(1/2)` is `2 * 3^(1/2)`; that of -3 is `i * 3^(1/2)`."""
    form = Quotient({(("i", Fraction(1)),): Fraction(1)}, _ONE) if value < 0 else Quotient(_ONE, _ONE)
    for number, sign in ((abs(value.numerator), 1), (value.denominator, -1)):
        for prime, count in _factors(number).items():
            exponent = sign * count * power
            whole, part = divmod(exponent, 1)
            factor: Polynomial = {((f"#{prime}", part),) if part else (): Fraction(prime) ** int(whole)}
            form = _combined("*", form, Quotient(factor, _ONE))
    return form


def _factors(number: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for divisor in range(2, _TRIAL):
        if divisor * divisor > number:
            break
        while number % divisor == 0:
            found[divisor] = found.get(divisor, 0) + 1
            number //= divisor
    if number > _TRIAL**2:
        root = isqrt(number)
        if root * root != number:
            raise NoFormError("a root of a number that is not factored")
        return {**found, root: 2} if root <= _TRIAL**2 else found
    if number > 1:
        found[number] = found.get(number, 0) + 1
    return found


def _atom(op: str, *args: Quotient) -> Quotient:
    name = f"{op}({', '.join(_key(arg) for arg in args)})"
    if len(name) > 2_000:
        raise NoFormError("too large")
    return Quotient({((name, Fraction(1)),): Fraction(1)}, _ONE)


def _key(form: Quotient) -> str:
    """One text for equal polynomials, whatever order they were made in."""
    if not form.over:
        return "0"
    lead = form.under[min(form.under)]
    parts = [
        " + ".join(f"{value / lead}{monomial}" for monomial, value in sorted(poly.items()))
        for poly in (form.over, form.under)
    ]
    return parts[0] if parts[1] == "1()" else f"({parts[0]}) / ({parts[1]})"


def _constant(value: Fraction) -> Quotient:
    return Quotient({(): value} if value else {}, _ONE)


def _small(term: Expression) -> int:
    value = rational(term)
    if value is None or value.denominator != 1 or not 0 <= value <= MAX_FACTORIAL:
        raise NoFormError("no small whole number")
    return int(value)


def _binomial(over: Expression, under: Expression) -> Fraction:
    n, k = _small(over), _small(under)
    return Fraction(factorial(n), factorial(k) * factorial(n - k)) if k <= n else Fraction(0)


def _plus(left: Polynomial, right: Polynomial, sign: Fraction) -> Polynomial:
    total = dict(left)
    for monomial, value in right.items():
        summed = total.get(monomial, Fraction(0)) + sign * value
        if summed:
            total[monomial] = summed
        else:
            total.pop(monomial, None)
    return total


def _scaled(poly: Polynomial, factor: Fraction) -> Polynomial:
    return {monomial: value * factor for monomial, value in poly.items()}


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    if right == _ONE:
        return left
    if left == _ONE:
        return right
    if len(left) * len(right) > MAX_TERMS**2 // 4:
        raise NoFormError("too many terms")
    total: Polynomial = {}
    for one, factor in left.items():
        for other, value in right.items():
            monomial, number = _reduced(_joined(one, other))
            summed = total.get(monomial, Fraction(0)) + factor * value * number
            if _bits(summed) > MAX_BITS:
                raise NoFormError("a number too large")
            if summed:
                total[monomial] = summed
            else:
                total.pop(monomial, None)
    if len(total) > MAX_TERMS:
        raise NoFormError("too many terms")
    return total


def _joined(one: Monomial, other: Monomial) -> Monomial:
    if not one or not other:
        return one or other
    exponents = dict(one)
    for atom, exponent in other:
        exponents[atom] = exponents.get(atom, Fraction(0)) + exponent
    return tuple(sorted((atom, exponent) for atom, exponent in exponents.items() if exponent))


def _reduced(monomial: Monomial) -> tuple[Monomial, Fraction]:
    """`i^2` is -1, and `3^(1/2) * 3^(1/2)` is 3."""
    number, left = Fraction(1), []
    for atom, power in monomial:
        exponent = power
        if atom == "i" and exponent.denominator == 1:
            number *= -1 if exponent % 4 >= 2 else 1
            exponent = exponent % 2
        elif atom[0] == "#":
            whole, exponent = divmod(exponent, 1)
            number *= Fraction(int(atom[1:])) ** int(whole)
        if exponent:
            left.append((atom, exponent))
    return tuple(left), number


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())
