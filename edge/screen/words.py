"""The words that every screen says, in English and French, and how a screen adds its own to them.

Each screen has a file `words.py` with a table of its own and its `word = Words(COMMON, …)`. What
the common modes say about the place itself stands there: a gate is no till (`OWN`).
"""

from collections.abc import Mapping
from typing import Final

Table = Mapping[str, tuple[str, str]]

COMMON: Final[Table] = {
    # the large word
    "check": ("CHECK", "VÉRIFIEZ"),
    "stop": ("STOP", "STOP"),
    "ready": ("READY", "PRÊT"),
    "closed": ("CLOSED", "FERMÉ"),
    # lines
    "pin": ("PIN, then Enter", "Code PIN, puis Entrée"),
    "several": (
        "{0} codes at once. One at a time, please.",
        "{0} codes à la fois. Un seul, s'il vous plaît.",
    ),
    "clock_entry": (
        "Type the right time as HHMM, then Enter",
        "Tapez l'heure juste (HHMM), puis Entrée",
    ),
    "clock_done": ("The time was confirmed (± 5 min).", "L'heure est confirmée (± 5 min)."),
    "clock_wrong": (
        "A time has four digits, such as 1930.",
        "Une heure a quatre chiffres, par exemple 1930.",
    ),
    # choices
    "yes": ("yes", "oui"),
    "no": ("no", "non"),
    "back": ("back", "retour"),
    "enter": ("done", "valider"),
    # the key line
    "key_supervisor": ("supervisor", "responsable"),
    "key_log": ("log", "journal"),
    "key_clock": ("clock", "heure"),
    "key_camera": ("camera", "caméra"),
    "key_leave": ("sign out", "quitter"),
    "key_language": ("français", "English"),
    # the status line
    "connected": ("connected", "connecté"),
    "alone_since": ("ALONE since {0}", "SEUL depuis {0}"),
    "alone_never": ("ALONE, never heard the office", "SEUL, bureau jamais entendu"),
    "neighbours": ("{0} neighbours", "{0} voisins"),
    "only_here": ("{0} only here", "{0} ici seul"),
    "data": ("data {0}", "info {0}"),
    "clock_trusted": ("clock ±{0}", "heure ±{0}"),
    "clock_coarse": ("clock about ±{0}", "heure env. ±{0}"),
    "clock_unknown": ("clock unknown!", "heure inconnue !"),
    "disk": ("disk {0}", "disque {0}"),
    "never": ("never", "jamais"),
    "copied": (
        "This box was copied: put one away and enrol the other again.",
        "Cet appareil a été copié : rangez-en un et enrôlez l'autre de nouveau.",
    ),
    "office_refuses": (
        "The office refuses this box. Call the technician.",
        "Le bureau refuse cet appareil. Appelez le technicien.",
    ),
    # hints
    "hint_black": (
        "The camera sees nothing: is it covered?",
        "La caméra ne voit rien : est-elle couverte ?",
    ),
    "hint_dark": ("Too dark: more light, please.", "Trop sombre : plus de lumière."),
    "hint_bright": ("Too bright: turn away from the light.", "Trop clair : évitez la lumière."),
    "hint_frozen": (
        "The picture stands still: check the camera.",
        "Image figée : voyez la caméra.",
    ),
    "hint_blurred": ("Blurred: wipe the lens, hold still.", "Flou : nettoyez l'objectif."),
    "hint_close": (
        "Too close: move the code away a little.",
        "Trop près : éloignez un peu le code.",
    ),
    "camera_unplugged": (
        "No camera: plug it in. Scanner and typing work.",
        "Pas de caméra : branchez-la. Scanner et clavier marchent.",
    ),
    "camera_ended": ("The recording has ended.", "L'enregistrement est terminé."),
    "camera_off": ("picture off", "image coupée"),
    "camera_none": ("no camera", "sans caméra"),
}

# What the common modes say and each screen words for itself.
OWN: Final = (
    "trouble",  # the large word over `cannot_record`
    "cannot_record",
    "starting",
    "sign_in",
    "supervisor_badge",
    "clock_now",  # with the time that is believed
    "quit_question",
    "revoked",
)


class Words:
    """Some tables of words together; no name stands in two of them."""

    def __init__(self, *tables: Table) -> None:
        """Know the words of these tables: a name, then English and French."""
        self.tables: Final = tables
        self._words = {name: both for table in tables for name, both in table.items()}

    def __call__(self, name: str, language: str, *details: object) -> str:
        """Return a word in ``en`` or ``fr`` with its holes filled."""
        english, french = self._words[name]
        return (french if language == "fr" else english).format(*details)

    def names(self) -> tuple[str, ...]:
        """Return the names of all words, for the test that looks at each."""
        return tuple(self._words)


word: Final = Words(COMMON)
