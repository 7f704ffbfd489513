"""The words on slips, in English and French."""

from typing import Final

METHOD_WORDS: Final[dict[str, str]] = {
    "wallet": "by_wallet",
    "cash": "by_cash",
    "card": "by_card",
    "voucher": "by_voucher",
    "gift": "by_gift",
}
"""The word for each `Method`, by its lower-case name."""

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "duplicate": ("DUPLICATE", "DUPLICATA"),
    "part": ("continued, part {0} of {1}", "suite, partie {0} sur {1}"),
    # a sale
    "number": ("Receipt {0}", "Ticket n° {0}"),
    "kind_item": ("{0}", "{0}"),
    "kind_half": ("{0}, half", "{0}, demi"),
    "kind_double": ("{0}, double", "{0}, double"),
    "kind_mixer": ("mixer for {0}", "allongé pour {0}"),
    "kind_discount": ("discount on {0}", "remise sur {0}"),
    "kind_deposit": ("cup deposit, {0}", "consigne, {0}"),
    "kind_cup_back": ("cup back, {0}", "retour consigne, {0}"),
    "kind_tip": ("Tip", "Pourboire"),
    "kind_top_up": ("Top-up", "Rechargement"),
    "kind_undone": ("taken back, {0}", "annulé, {0}"),
    "each": ("{0} each", "{0} l'unité"),
    "total": ("TOTAL", "TOTAL"),
    "change": ("Change", "Monnaie rendue"),
    "taken_back": ("Taken back since", "Annulé ou remboursé depuis"),
    "total_now": ("NOW", "RESTE"),
    "left": ("Left on the wristband", "Reste sur le bracelet"),
    "vat": ("VAT {0}: net {1} + VAT {2}", "TVA {0} : HT {1} + TVA {2}"),
    "served_by": ("Served by {0}", "Servi par {0}"),
    "thanks": ("Thank you!", "Merci !"),
    "by_wallet": ("Wristband", "Bracelet"),
    "by_cash": ("Cash", "Espèces"),
    "by_card": ("Card", "Carte"),
    "by_voucher": ("Voucher", "Bon"),
    "by_gift": ("Gift", "Offert"),
    # a report
    "report_x": ("X REPORT, shift {0}", "RAPPORT X, service {0}"),
    "report_z": ("Z REPORT, shift {0}", "RAPPORT Z, service {0}"),
    "opened": ("Opened {0}", "Ouvert le {0}"),
    "closed": ("Closed {0}", "Clôturé le {0}"),
    "opened_by": ("Opened by {0}", "Ouvert par {0}"),
    "numbers": ("Records", "Enregistrements"),
    "sales": ("Sales", "Ventes"),
    "lines": ("Lines", "Lignes"),
    "voids": ("Voids", "Annulations"),
    "refunds": ("Refunds", "Remboursements"),
    "declined": ("Declined", "Refus"),
    "top_ups": ("Top-ups", "Rechargements"),
    "pay_outs": ("Pay-outs", "Retraits"),
    "no_category": ("other", "autres"),
    "gross": ("GOODS, VAT included", "VENTES TTC"),
    "discounts": ("Discounts (included)", "Remises (comprises)"),
    "deposits_taken": ("Deposits taken", "Consignes encaissées"),
    "deposits_returned": ("Deposits returned", "Consignes rendues"),
    "tips": ("Tips", "Pourboires"),
    "waste": ("Waste: {0} × {1}, {2}", "Perte : {0} × {1}, {2}"),
    "waste_spilled": ("spilled", "renversé"),
    "waste_broken": ("broken", "cassé"),
    "waste_gone_off": ("gone off", "périmé"),
    "waste_tasted": ("tasted", "dégusté"),
    "waste_other": ("other", "autre"),
    "by_method": ("Sales by payment", "Ventes par paiement"),
    "topped_up": ("Top-ups by payment", "Rechargements par paiement"),
    "paid_out": ("Pay-outs", "Retraits"),
    "drawer": ("Drawer", "Caisse"),
    "drawer_float": ("Float", "Fonds de caisse"),
    "drawer_sales": ("Cash sales", "Ventes en espèces"),
    "drawer_top_ups": ("Cash top-ups", "Rechargements en espèces"),
    "drawer_pay_outs": ("Cash pay-outs", "Retraits en espèces"),
    "expected": ("Expected", "Attendu"),
    "counted": ("Counted", "Compté"),
    "difference": ("DIFFERENCE", "ÉCART"),
    "before": ("Grand total before", "Grand total avant"),
    "after": ("Grand total after", "Grand total après"),
    "check": ("Look into this:", "À vérifier :"),
    # a claim slip
    "claim_title": ("IF YOU LOSE YOUR WRISTBAND", "SI VOUS PERDEZ VOTRE BRACELET"),
    "claim_number": ("Wristband", "Bracelet"),
    "claim_code": ("Claim code", "Code de réclamation"),
    "claim_use": (
        "Keep this slip apart. With it any top-up desk moves your money to a new wristband.",
        "Gardez ce ticket à part. Tout point de rechargement s'en sert pour un nouveau bracelet.",
    ),
}


def word(name: str, language: str, *details: object) -> str:
    """Return a word in ``en`` or ``fr`` with its holes filled."""
    english, french = _WORDS[name]
    return (french if language == "fr" else english).format(*details)


def waste_word(reason: str, language: str) -> str:
    """Return the word for a reason of waste; one that has no word yet as it came."""
    name = f"waste_{reason}"
    return word(name, language) if name in _WORDS else reason


def names() -> tuple[str, ...]:
    """Return the names of all words, for the test that looks at each."""
    return tuple(_WORDS)
