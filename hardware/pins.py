"""The doorway to the pins of a Raspberry Pi: outputs and contacts that fail with one sentence.

gpiozero does the work and lgpio talks to the kernel. Which way to the pins is used says
GPIOZERO_PIN_FACTORY (`mock` for a bench without pins); without it lgpio is taken and nothing else,
because a silent fall-back would be a lamp that stays dark at a festival.
"""

import os
import sys
from collections.abc import Callable
from typing import Any, Final

import gpiozero

from hardware.debian import imported

PIN_MIN: Final = 2
PIN_MAX: Final = 27


class PinTrouble(Exception):
    """A pin cannot be used; the message says which and what to do."""


def _troubles() -> tuple[type[Exception], ...]:
    """Return what the libraries raise; lgpio is not loaded for this, as that starts its thread.

    Where it stands behind an `except`, it is asked only after something was raised.
    """
    lgpio: Any = sys.modules.get("lgpio")
    own: tuple[type[Exception], ...] = () if lgpio is None else (lgpio.error,)
    return (gpiozero.GPIOZeroError, ImportError, OSError, *own)


def ready_pins() -> None:
    """Find the way to the pins; `PinTrouble` names GPIOZERO_PIN_FACTORY if there is none."""
    if gpiozero.Device.pin_factory is not None:
        return
    named = os.environ.get("GPIOZERO_PIN_FACTORY")
    try:
        if named is not None:
            gpiozero.Device.ensure_pin_factory()
            return
        imported("lgpio")  # from Debian, where this Python has no wheel of it
        from gpiozero.pins.lgpio import LGPIOFactory

        gpiozero.Device.pin_factory = LGPIOFactory()
    except _troubles() as trouble:
        way = f"GPIOZERO_PIN_FACTORY={named}" if named else "lgpio (GPIOZERO_PIN_FACTORY unset)"
        message = (
            f"this machine's pins cannot be used through {way}: {trouble}; run it on a Raspberry"
            " Pi as a user of the group gpio (if lgpio is missing: `apt-get install"
            " python3-lgpio`), or set GPIOZERO_PIN_FACTORY=mock to try without pins"
        )
        raise PinTrouble(message) from trouble


class OutputPin:
    """A pin that drives a lamp, a buzzer or a relay: high is on."""

    def __init__(self, pin: int) -> None:
        """Take a pin by its BCM number and switch it off; `PinTrouble` says why it cannot be."""
        ready_pins()
        self._pin = pin
        self._device = _guarded(pin, lambda: gpiozero.DigitalOutputDevice(pin, initial_value=False))

    def switch(self, *, on: bool) -> None:
        """Drive the pin high or low; `PinTrouble` if it does not obey."""
        _guarded(self._pin, self._device.on if on else self._device.off)

    def close(self) -> None:
        """Switch off and let go of the pin, once; `PinTrouble` if it does not obey."""
        if not self._device.closed:
            _guarded(self._pin, self._device.off)
            _guarded(self._pin, self._device.close)


class ContactPin:
    """A dry contact between a pin and ground, held high by the Pi: low is closed."""

    def __init__(self, pin: int, changed: Callable[[bool], object] | None = None) -> None:
        """Take a pin by its BCM number; `changed` hears when it closes (True) or opens."""
        ready_pins()
        self._pin = pin
        self._device = _guarded(pin, lambda: gpiozero.DigitalInputDevice(pin, pull_up=True))
        if changed is not None:
            tell: Callable[[bool], object] = changed
            self._device.when_activated = lambda: tell(True)
            self._device.when_deactivated = lambda: tell(False)

    @property
    def is_closed(self) -> bool:
        """Whether the contact is closed now; `PinTrouble` if the pin cannot be read."""
        return bool(_guarded(self._pin, lambda: self._device.is_active))

    def close(self) -> None:
        """Let go of the pin."""
        _guarded(self._pin, self._device.close)


def _guarded(pin: int, work: Callable[[], Any]) -> Any:
    """Return what the library answers, and its errors as one sentence."""
    try:
        return work()
    except _troubles() as trouble:
        message = f"pin {pin} does not work: {trouble}"
        raise PinTrouble(message) from trouble
