"""Amounts as a till shows them: two decimals, the language's mark, a true minus sign."""

from typing import Final

_SYMBOLS: Final = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "PLN": "zł", "CZK": "Kč"}


def amount(minor: int, language: str) -> str:
    """Return an amount without its currency, such as ``−3.00`` or ``−3,00``."""
    whole, part = divmod(abs(minor), 100)
    mark = "," if language == "fr" else "."
    return f"{'−' if minor < 0 else ''}{whole}{mark}{part:02d}"


def priced(minor: int, language: str, currency: str) -> str:
    """Return an amount with its currency, such as ``9.00 €``."""
    return f"{amount(minor, language)} {symbol(currency)}"


def symbol(currency: str) -> str:
    """Return a currency's sign, its code where it has none that everybody reads."""
    return _SYMBOLS.get(currency, currency)


def percent(rate: int, language: str) -> str:
    """Return basis points as percents, such as ``20 %`` or ``5.50 %``."""
    return f"{rate // 100} %" if rate % 100 == 0 else f"{amount(rate, language)} %"
