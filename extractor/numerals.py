"""Chinese and mixed numerals to exact decimals."""

from __future__ import annotations

from decimal import Decimal

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
SMALL = {"十": 10, "百": 100, "千": 1000}
LARGE = {"万": 10**4, "亿": 10**8}
SCALES = SMALL | LARGE | {"十万": 10**5, "百万": 10**6, "千万": 10**7, "万亿": 10**12}


def parse_arabic(digits: str, scale: str = "") -> Decimal:
    """The value of `digits` (thousands separators allowed) times `scale` (万, 亿, 千 …).

    >>> parse_arabic("23.67", "万")
    Decimal('236700.00')
    """
    value = Decimal(digits.replace(",", ""))
    return value * SCALES[scale] if scale else value


def parse_chinese(numeral: str) -> Decimal | None:
    """The value of a Chinese numeral, or None where it is not well formed (三五, 一二).

    A scale without a digit before it counts one: 百 is 100, 万 is 10000. 百二 and 三万五 read as 120 and 35000.
    """
    if all(c in DIGITS for c in numeral):
        return _positional(numeral)
    high, hundred_million, low = numeral.partition("亿")
    if hundred_million and low.strip("零"):
        parts = parse_chinese(high or "一"), parse_chinese(low.lstrip("零"))
        return None if None in parts else (parts[0] or 0) * Decimal(LARGE["亿"]) + (parts[1] or 0)
    total = section = 0
    digit: int | None = None
    last_scale = 1
    for c in numeral:
        if c in DIGITS:
            if digit:
                return None
            digit = DIGITS[c]
            if digit == 0:
                last_scale = 10
        elif c in SMALL:
            section += (1 if digit is None else digit) * SMALL[c]
            last_scale = SMALL[c]
            digit = None
        else:
            section += digit or 0
            total = (total + (section or 1)) * LARGE[c]
            section, digit, last_scale = 0, None, LARGE[c]
    return Decimal(total + section + (digit or 0) * (last_scale // 10 if last_scale > 10 else 1))


def _positional(numeral: str) -> Decimal | None:
    """One digit, or digits written as a telephone number is (二〇二四); two unlike digits alone are a spread (三五)."""
    if len(numeral) == 1:
        return Decimal(DIGITS[numeral])
    if len(numeral) == 2 or "零" in numeral[:1]:
        return None
    return Decimal("".join(str(DIGITS[c]) for c in numeral))


def spread(numeral: str) -> tuple[Decimal, Decimal] | None:
    """The bounds of two neighbouring digits written side by side: 七八 is 7 to 8, 三四十 is 30 to 40, 十五六 is 15 to 16."""
    for at in range(1, len(numeral)):
        first, second = DIGITS.get(numeral[at - 1], 0), DIGITS.get(numeral[at], 0)
        if 0 < first < second:
            low = parse_chinese(numeral[:at] + numeral[at + 1 :])
            high = parse_chinese(numeral[: at - 1] + numeral[at:])
            return None if low is None or high is None else (low, high)
    return None
