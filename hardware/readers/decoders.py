"""The doorway to the decoders: each returns only what its own error correction has confirmed.

Only whole QR codes are looked for. Micro QR is left out on purpose: its smallest kind has no error
correction, two check bytes must do, and among thousands of noisy frames that hold one of our
tickets zxing found such a "code" in its modules every now and then, five digits that nobody issued.
"""

from typing import Any, Final

import cv2
import zxingcpp

try:
    from pyzbar import pyzbar
except ImportError:  # the system's libzbar is missing; zxing alone still reads
    pyzbar = None

CODES_PER_FRAME_MAX: Final = 16
Found = list[tuple[str, bytes]]
_FORMATS: Final[Any] = [
    zxingcpp.BarcodeFormat.QRCodeModel2,
    zxingcpp.BarcodeFormat.QRCodeModel1,
]


def has_zbar() -> bool:
    """Tell whether the system lends its zbar library."""
    return pyzbar is not None


def read_zxing(grey: Any) -> Found:
    """Return (text, bytes) of each code that zxing-cpp finds."""
    found = zxingcpp.read_barcodes(grey, formats=_FORMATS, text_mode=zxingcpp.TextMode.Plain)
    return [(code.text, bytes(code.bytes)) for code in found if code.valid][:CODES_PER_FRAME_MAX]


def read_zbar(grey: Any) -> Found:
    """Return (text, bytes) of each code that zbar finds; the text as far as it is UTF-8."""
    if pyzbar is None:
        return []
    found = pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.QRCODE])
    codes = [(code.data.decode("utf-8", "replace"), code.data) for code in found]
    return codes[:CODES_PER_FRAME_MAX]


def read_wechat(grey: Any) -> Found:
    """Return (text, bytes) of each code that OpenCV's WeChat reader finds.

    It takes some 200 ms for a part of a frame and seconds for a whole one.
    """
    texts, _ = cv2.wechat_qrcode.WeChatQRCode().detectAndDecode(grey)
    codes = [(text, text.encode("utf-8", "surrogateescape")) for text in texts if text]
    return codes[:CODES_PER_FRAME_MAX]
