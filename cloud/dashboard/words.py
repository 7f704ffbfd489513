"""The words of the live page, in English and French, and how numbers and times are spelled."""

from typing import Final

from sync.money import Money

LANGUAGES: Final = ("en", "fr")
NARROW_SPACE: Final = "\u202f"
NO_BREAK_SPACE: Final = "\u00a0"
_MINUTE_S: Final = 60
_HOUR_S: Final = 3_600
_DAY_S: Final = 86_400

WORDS: Final[dict[str, tuple[str, str]]] = {
    "live": ("live", "en direct"),
    "stale": ("connection lost, trying again", "connexion perdue, nouvel essai"),
    "all_well": ("All is well", "Tout va bien"),
    "inside": ("Inside now", "À l’intérieur"),
    "of": ("of", "sur"),
    "no_capacity": ("no limit", "sans limite"),
    "with_gates": ("places lent to gates", "places prêtées aux portes"),
    "quotas": ("Quotas", "Quotas"),
    "quota": ("What", "Quoi"),
    "capacity": ("In all", "En tout"),
    "used": ("Used", "Utilisé"),
    "lent": ("Lent or used", "Prêté ou utilisé"),
    "locked": ("Out of reach", "Hors d’atteinte"),
    "quota_zone": ("zone", "zone"),
    "quota_ticket_type": ("ticket type", "type de billet"),
    "quota_voucher": ("voucher", "bon"),
    "quota_product": ("product", "produit"),
    "gates": ("Gates", "Portes"),
    "gate": ("Gate", "Porte"),
    "admitted": ("Admitted", "Entrées"),
    "left": ("Left", "Sorties"),
    "refused": ("Refused", "Refusés"),
    "places": ("Places held", "Places restantes"),
    "bars": ("Bars", "Bars"),
    "bar": ("Till", "Caisse"),
    "sales": ("Sales", "Ventes"),
    "voids": ("Voids", "Annulations"),
    "topups": ("Top-ups", "Recharges"),
    "sold": ("Sold", "Vendu"),
    "total": ("Total", "Total"),
    "money": ("Money", "Argent"),
    "wallets": ("Wallets in use", "Portefeuilles utilisés"),
    "wallets_total": ("They hold", "Ils contiennent"),
    "overspent": ("Overspent", "À découvert"),
    "bound": ("Can be overspent at most", "Découvert possible au plus"),
    "no_bound": ("without limit", "sans limite"),
    "tills_unheard": ("tills not heard", "caisses muettes"),
    "conflicts": ("Conflicts", "Conflits"),
    "no_conflicts": ("None. Everything fits together.", "Aucun. Tout concorde."),
    "more_conflicts": ("more", "de plus"),
    "terminals": ("Terminals", "Terminaux"),
    "terminal": ("Terminal", "Terminal"),
    "kind": ("Kind", "Genre"),
    "role_gate": ("gate", "porte"),
    "role_bar": ("bar", "bar"),
    "role_hub": ("hub", "relais"),
    "last_heard": ("Last heard", "Dernières nouvelles"),
    "facts_held": ("Facts here", "Faits reçus"),
    "facts": ("facts", "faits"),
    "state_heard": ("in touch", "en contact"),
    "state_late": ("late", "en retard"),
    "state_silent": ("silent", "muet"),
    "state_never": ("never heard", "jamais entendu"),
    "state_copied": ("copied: enrol it again", "copié : à enrôler de nouveau"),
    "state_revoked": ("revoked", "révoqué"),
    "none_yet": ("None yet.", "Aucun pour l’instant."),
    "key_needed": (
        (
            "This page shows a festival's figures. Open it with the link that the office printed"
            " when it started, or ask the technician for it."
        ),
        (
            "Cette page montre les chiffres d’un festival. Ouvrez-la avec le lien affiché au"
            " démarrage du bureau, ou demandez-le au technicien."
        ),
    ),
    "recovering": (
        (
            "This office was put back to an older copy of itself. It lends and states nothing until"
            " each terminal was heard; one that never comes back is written off."
        ),
        (
            "Ce bureau a été remis à une copie plus ancienne. Il ne prête et n’annonce rien avant"
            " d’avoir entendu chaque terminal ; celui qui ne reviendra pas est passé en perte."
        ),
    ),
    "noticed": ("Noticed", "Constaté"),
    "waits_for": ("It waits for", "Il attend"),
}

REASONS: Final[dict[str, tuple[str, str]]] = {
    "not_a_code": ("not a ticket", "pas un billet"),
    "unknown_format": ("unknown format", "format inconnu"),
    "unknown_key": ("unknown key", "clé inconnue"),
    "bad_signature": ("forged", "faux"),
    "wrong_festival": ("other festival", "autre festival"),
    "cancelled": ("cancelled", "annulé"),
    "refunded": ("refunded", "remboursé"),
    "replaced": ("replaced", "remplacé"),
    "unpaid": ("unpaid", "impayé"),
    "blocked": ("blocked", "bloqué"),
    "too_early": ("too early", "trop tôt"),
    "too_late": ("too late", "trop tard"),
    "outside_daily_window": ("outside its hours", "hors horaires"),
    "wrong_zone": ("wrong zone", "mauvaise zone"),
    "wrong_gate": ("wrong gate", "mauvaise porte"),
    "wrong_type": ("wrong type", "mauvais type"),
    "already_inside": ("already inside", "déjà à l’intérieur"),
    "already_used": ("already used", "déjà utilisé"),
    "no_reentry": ("no re-entry", "sans retour"),
    "limit_reached": ("limit reached", "limite atteinte"),
    "cooldown": ("too soon again", "trop tôt après"),
    "capacity_full": ("zone full", "zone pleine"),
    "stale_data": ("gate alone too long", "porte isolée trop longtemps"),
    "session_expired": ("confirmed too late", "confirmé trop tard"),
}


def word(name: str, language: str) -> str:
    """Return a word of the page."""
    return WORDS[name][LANGUAGES.index(language)]


def reason_words(reason: str, language: str) -> str:
    """Return why somebody was refused, in a word or two; an unknown reason as it is."""
    found = REASONS.get(reason)
    return reason if found is None else found[LANGUAGES.index(language)]


def count_words(count: int, language: str) -> str:
    """Return a whole number with its thousands apart."""
    return f"{count:,}".replace(",", NARROW_SPACE if language == "fr" else ",")


def amount_words(minor: int, language: str) -> str:
    """Return an amount of minor units as a person writes it, such as `1,204.50`."""
    sign = "−" if minor < 0 else ""
    whole, part = str(Money(abs(minor))).split(".")
    return f"{sign}{count_words(int(whole), language)}{',' if language == 'fr' else '.'}{part}"


def money_words(minor: int, language: str, currency: str) -> str:
    """Return an amount with its currency, such as `1,204.50 EUR`, which a line never parts."""
    return f"{amount_words(minor, language)}{NO_BREAK_SPACE}{currency}"


def ago_words(seconds: int, language: str) -> str:
    """Return how long ago something was, roughly; never of the future."""
    seconds = max(0, seconds)
    units = ((_DAY_S, "d", "j"), (_HOUR_S, "h", "h"), (_MINUTE_S, "min", "min"), (1, "s", "s"))
    for size, english, french in units:
        if seconds >= size:
            count = seconds // size
            if language == "fr":
                return f"il y a {count} {french}"
            return f"{count} {english} ago"
    return "à l’instant" if language == "fr" else "now"


def health_words(counts: dict[str, int], language: str) -> str:
    """Return the page's first line: what needs a person, or that nothing does.

    `counts` says how many `conflicts`, `silent` and `late` terminals there are.
    """
    french = language == "fr"
    parts = []
    for name, one, many in _NEEDS:
        count = counts[name]
        if count:
            words = (one if count == 1 else many)[french]
            parts.append(f"{count} {words}")
    return " · ".join(parts) or word("all_well", language)


_NEEDS: Final = (
    ("conflicts", ("conflict to look at", "conflit à regarder"),
     ("conflicts to look at", "conflits à regarder")),
    ("silent", ("terminal silent", "terminal muet"), ("terminals silent", "terminaux muets")),
    ("late", ("terminal late", "terminal en retard"),
     ("terminals late", "terminaux en retard")),
)  # fmt: skip
