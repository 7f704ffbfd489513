"""What a hub says in words, in English and French."""

from typing import Final

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "cannot_record": (
        "This hub cannot record. It lends nothing; call the technician.",
        "Ce relais n'enregistre plus. Il ne prête rien ; appelez le technicien.",
    ),
    "reads_nothing": ("A hub reads no codes.", "Un relais ne lit aucun code."),
    "approval": (
        "This needs a supervisor: hand-back BADGE PIN",
        "Il faut un responsable : hand-back BADGE PIN",
    ),
    "not_mine": ("This hub is not the authority.", "Ce relais n'a pas l'autorité."),
    "not_all_known": (
        "This hub does not know all that was lent before. Connect it to the office.",
        "Ce relais ne sait pas tout ce qui a été prêté avant. Reliez-le au bureau.",
    ),
    "handed_back": (
        "The office is the authority again.",
        "Le bureau a de nouveau l'autorité.",
    ),
    "stopped": ("Stopped.", "Arrêté."),
    "mine": ("this hub lends", "ce relais prête"),
    "mine_waiting": ("this hub is the authority and is catching up", "ce relais rattrape"),
    "others": ("{0} lends", "{0} prête"),
    "office": ("the office", "le bureau"),
    "line": (
        "{0}: {1}; {2} of {3} tills level; office {4}; {5} facts only here",
        "{0} : {1} ; {2} caisses sur {3} à jour ; bureau {4} ; {5} faits seulement ici",
    ),
    "connected": ("connected", "connecté"),
    "not_connected": ("not connected", "non connecté"),
    "words": (
        "Type authority, status, hashes, check, hand-back BADGE PIN, or stop.",
        "Tapez authority, status, hashes, check, hand-back BADGE PIN, ou stop.",
    ),
}


def say(name: str, language: str, *details: object) -> str:
    """Return a sentence in ``en`` or ``fr`` with its holes filled."""
    english, french = _WORDS[name]
    return (french if language == "fr" else english).format(*details)
