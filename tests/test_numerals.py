"""Chinese and mixed numerals as exact decimals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extractor.numerals import parse_arabic, parse_chinese, spread


@pytest.mark.parametrize(
    ("digits", "scale", "value"),
    [
        ("57", "", "57"),
        ("98.2", "", "98.2"),
        ("0", "", "0"),
        ("12,400", "", "12400"),
        ("1,234,567", "", "1234567"),
        ("23.67", "万", "236700"),
        ("3", "千", "3000"),
        ("2", "百", "200"),
        ("1.07", "亿", "107000000"),
        ("5", "百万", "5000000"),
        ("3", "千万", "30000000"),
        ("1.2", "万亿", "1200000000000"),
        ("0.1", "万", "1000"),
    ],
)
def test_arabic(digits: str, scale: str, value: str) -> None:
    assert parse_arabic(digits, scale) == Decimal(value)


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("零", 0),
        ("一", 1),
        ("两", 2),
        ("九", 9),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("三十六", 36),
        ("百", 100),
        ("一百零五", 105),
        ("一百一十", 110),
        ("百二", 120),
        ("三百六", 360),
        ("五百", 500),
        ("一千二百", 1200),
        ("一千零八", 1008),
        ("两千零三十", 2030),
        ("万", 10_000),
        ("两万", 20_000),
        ("三万五", 35_000),
        ("三万五千", 35_000),
        ("三万零五", 30_005),
        ("十二万", 120_000),
        ("一百二十万", 1_200_000),
        ("一亿", 100_000_000),
        ("一亿二千万", 120_000_000),
        ("三千万", 30_000_000),
        ("二〇二四", 2024),
        ("二○二五", 2025),
    ],
)
def test_chinese(numeral: str, value: int) -> None:
    assert parse_chinese(numeral) == value


@pytest.mark.parametrize("numeral", ["三五", "一二", "两三十", "一二百"])
def test_not_well_formed(numeral: str) -> None:
    assert parse_chinese(numeral) is None


@pytest.mark.parametrize(
    ("numeral", "low", "high"),
    [
        *[("七八", 7, 8), ("三五", 3, 5), ("三四十", 30, 40), ("五六百", 500, 600), ("两三万", 20_000, 30_000)],
        *[("十五六", 15, 16), ("二十七八", 27, 28), ("一百二三十", 120, 130), ("十五六万", 150_000, 160_000)],
    ],
)
def test_spread(numeral: str, low: int, high: int) -> None:
    assert spread(numeral) == (low, high)


@pytest.mark.parametrize("numeral", ["七", "八七", "五五", "零三", "十二", "百", "三四五"])
def test_no_spread(numeral: str) -> None:
    assert spread(numeral) is None
