"""The sentences that a steward reads out, in English and French: one for every verdict.

Each says what is so and, where somebody can do something, what. `{0}` and `{1}` are filled with
what the verdict found out, such as the gate and the time of the first admission.
"""

import re
from typing import Final

LANGUAGES: Final = ("en", "fr")

_ADMIT: Final = {
    "": ("Welcome.", "Bienvenue."),
    "provisional": (
        "Welcome. (This gate is working alone; it will be checked later.)",
        "Bienvenue. (Cette porte travaille seule ; ce sera vérifié plus tard.)",
    ),
    "out": ("Goodbye, see you soon.", "Au revoir, à bientôt."),
    "out_unknown": (
        "Goodbye. This gate had not heard that the guest was inside.",
        "Au revoir. Cette porte ne savait pas que la personne était à l'intérieur.",
    ),
}

_ASK: Final = {
    "attention": (
        "Please look at the guest's papers before letting them in. {0}",
        "Vérifiez les papiers de la personne avant de la laisser entrer. {0}",
    ),
    "attention_age": (
        "Please look at the guest's papers: at least {0} years old? {1}",
        "Vérifiez les papiers de la personne : a-t-elle au moins {0} ans ? {1}",
    ),
    "age": (
        "Is the guest at least {0} years old? Please look at their papers.",
        "La personne a-t-elle au moins {0} ans ? Vérifiez ses papiers.",
    ),
    "typed": (
        "This number is known and valid. Does the guest truly hold this ticket?",
        "Ce numéro est connu et valable. La personne a-t-elle vraiment ce billet ?",
    ),
    "group": (
        "How many of the group come in now? At most {0}.",
        "Combien de personnes du groupe entrent maintenant ? Au plus {0}.",
    ),
    "clock": (
        "This gate is not sure of the time. Is the ticket valid now?",
        "Cette porte n'est pas sûre de l'heure. Le billet est-il valable maintenant ?",
    ),
    "copied": (
        (
            "This box was copied: put one away and enrol the other again. Until then decide"
            " yourself; a yes is recorded."
        ),
        (
            "Cet appareil a été copié : rangez-en un et enrôlez l'autre de nouveau. D'ici là,"
            " décidez vous-même ; un oui est enregistré."
        ),
    ),
    "store": (
        "This gate lost its records and cannot check. Decide yourself, and call the technician.",
        (
            "Cette porte a perdu ses données et ne peut rien vérifier. Décidez vous-même et appelez"
            " le technicien."
        ),
    ),
}

_REFUSE: Final = {
    "not_a_code": ("This is not a ticket of ours.", "Ce n'est pas un de nos billets."),
    "unknown_format": (
        "This code is of a form that this gate does not know. Send the guest to the ticket desk.",
        "Ce code a une forme inconnue ici. Envoyez la personne à la billetterie.",
    ),
    "unknown_key": (
        "This code was signed with a key that is not valid here. It may be forged or withdrawn.",
        "Ce code est signé avec une clé qui n'est pas valable ici. Il peut être faux ou retiré.",
    ),
    "bad_signature": ("This code is forged.", "Ce code est faux."),
    "wrong_festival": (
        "This ticket is for another festival.",
        "Ce billet est pour un autre festival.",
    ),
    "cancelled": ("This ticket was cancelled.", "Ce billet a été annulé."),
    "refunded": ("This ticket was refunded.", "Ce billet a été remboursé."),
    "replaced": (
        "This ticket was replaced. The guest must show the new one.",
        "Ce billet a été remplacé. La personne doit montrer le nouveau.",
    ),
    "unpaid": (
        "This ticket has not been paid. Send the guest to the ticket desk.",
        "Ce billet n'est pas payé. Envoyez la personne à la billetterie.",
    ),
    "blocked": (
        "This ticket is blocked. Send the guest to the ticket desk.",
        "Ce billet est bloqué. Envoyez la personne à la billetterie.",
    ),
    "too_early": (
        "This ticket is not valid yet: from {0}.",
        "Ce billet n'est pas encore valable : à partir de {0}.",
    ),
    "too_late": (
        "This ticket is no longer valid: it ended at {0}.",
        "Ce billet n'est plus valable : il a pris fin à {0}.",
    ),
    "outside_daily_window": (
        "This ticket lets in from {0} to {1} only.",
        "Ce billet donne accès de {0} à {1} seulement.",
    ),
    "wrong_zone": ("This ticket is not for this area.", "Ce billet n'est pas pour cette zone."),
    "wrong_gate": (
        "This kind of ticket goes through another gate.",
        "Ce type de billet passe par une autre porte.",
    ),
    "wrong_type": (
        "This code is not a ticket for entering.",
        "Ce code n'est pas un billet d'entrée.",
    ),
    "wrong_type test": (
        "This is a test ticket. It lets nobody in.",
        "C'est un billet d'essai. Il ne donne pas accès.",
    ),
    "wrong_type rehearsal": (
        "This gate is rehearsing and takes test tickets only.",
        "Cette porte est en répétition et ne prend que des billets d'essai.",
    ),
    "unknown_serial": (
        "This gate has never heard of this number. Scan the code, or call a supervisor.",
        "Cette porte ne connaît pas ce numéro. Scannez le code ou appelez un responsable.",
    ),
    "already_inside": (
        "Somebody is inside on this ticket: first let in at {0}, {1}.",
        "Quelqu'un est déjà à l'intérieur avec ce billet : entrée à {0}, {1}.",
    ),
    "already_used": (
        "This ticket was used already: at {0}, {1}.",
        "Ce billet a déjà servi : à {0}, {1}.",
    ),
    "no_reentry": (
        "This ticket lets in only once: it was used at {0}, {1}.",
        "Ce billet ne donne accès qu'une fois : il a servi à {0}, {1}.",
    ),
    "limit_reached": (
        "This ticket was used as often as it allows, first at {0}, {1}.",
        "Ce billet a servi autant de fois que permis, d'abord à {0}, {1}.",
    ),
    "cooldown": (
        "This ticket was used just now. It can be used again at {0}.",
        "Ce billet vient de servir. Il pourra servir de nouveau à {0}.",
    ),
    "capacity_full": (
        "This area is full for this gate. Ask the control room for more places.",
        "Cette zone est pleine pour cette porte. Demandez des places au poste de contrôle.",
    ),
    "stale_data": (
        "This gate has been alone for too long to let anybody in. Call the technician.",
        "Cette porte est isolée depuis trop longtemps pour laisser entrer. Appelez le technicien.",
    ),
    "gate_revoked": (
        "The office has withdrawn this gate. Send guests to another one and call the technician.",
        "Le bureau a retiré cette porte. Envoyez les gens à une autre et appelez le technicien.",
    ),
    "session_expired": (
        "The confirmation came too late. Scan the ticket again.",
        "La confirmation est arrivée trop tard. Scannez le billet de nouveau.",
    ),
}

_TROUBLE: Final = {
    "cannot_record": (
        "This gate cannot record. Let nobody in here, and call the technician.",
        "Cette porte n'enregistre plus. Ne laissez entrer personne et appelez le technicien.",
    ),
}

_PAYMENT: Final = {
    "alone_limit": (
        "Until the office has been heard again, {0} can be paid with this wristband here.",
        "Tant que le bureau n'a pas répondu, {0} peuvent être payés ici avec ce bracelet.",
    ),
    "known_balance": (
        "There is not enough on this wristband: {0} can be paid.",
        "Il n'y a pas assez sur ce bracelet : {0} peuvent être payés.",
    ),
    "till_cap": (
        (
            "This till has sold all it may without the office. Take cash or card, or call a"
            " supervisor. With a wristband {0} can be paid."
        ),
        (
            "Cette caisse a vendu tout ce qu'elle peut sans le bureau. Prenez espèces ou carte, ou"
            " appelez un responsable. Avec un bracelet, {0} peuvent être payés."
        ),
    ),
    "max_age": (
        "What this till knows of the wristband is too old. Take cash or card.",
        "Ce que cette caisse sait du bracelet est trop ancien. Prenez espèces ou carte.",
    ),
    "unknown_wristband": (
        "This till has not heard of a top-up of this wristband. {0} can be paid.",
        "Cette caisse ne connaît aucun rechargement de ce bracelet. {0} peuvent être payés.",
    ),
    "blocked": (
        "This wristband is blocked. Send the guest to the top-up desk.",
        "Ce bracelet est bloqué. Envoyez la personne au point de rechargement.",
    ),
    "code_only_daily": (
        "With a printed code {0} more can be paid today. The guest's PIN or chip lifts this.",
        (
            "Avec un code imprimé, encore {0} peuvent être payés aujourd'hui. Le code PIN ou la"
            " puce lève cette limite."
        ),
    ),
    "topup_cap": (
        "Alone, this till can still take {0} in top-ups. Use another till, or wait for the line.",
        (
            "Seule, cette caisse peut encore encaisser {0} de rechargements. Utilisez une autre"
            " caisse ou attendez la liaison."
        ),
    ),
    "balance_max": (
        "A wristband may hold only so much: {0} more can be topped up.",
        "Un bracelet a un plafond : {0} peuvent encore être rechargés.",
    ),
    "only_paid": (
        "Gifts and vouchers are not paid out: {0} can be.",
        "Les cadeaux et bons ne sont pas remboursés : {0} peuvent l'être.",
    ),
    "safe_balance": (
        "Only the office knows what is certainly left. For now {0} can be paid out.",
        "Seul le bureau sait ce qui reste à coup sûr. Pour l'instant, {0} sont remboursables.",
    ),
    "copied": (
        (
            "This box was copied: put one away and enrol the other again. Until then take cash or"
            " card."
        ),
        (
            "Cet appareil a été copié : rangez-en un et enrôlez l'autre de nouveau. D'ici là,"
            " prenez espèces ou carte."
        ),
    ),
    "not_positive": (
        "An amount must be more than nothing.",
        "Le montant doit être supérieur à zéro.",
    ),
}

_ALL: Final = {
    "admit": _ADMIT,
    "ask": _ASK,
    "refuse": _REFUSE,
    "trouble": _TROUBLE,
    "payment": _PAYMENT,
}


def sentence_of(verdict: str, reason: str, language: str, details: tuple[str, ...] = ()) -> str:
    """Return the sentence for a verdict's reason; English for a language that is not ours."""
    words = _ALL[verdict]
    special = " ".join((reason, *details[:1]))
    both = words.get(special) or words[reason]
    text = both[1] if language == "fr" else both[0]
    holes = (*details, "?", "?")
    return text.format(*holes).replace(", .", ".").rstrip()


def bare_sentence(reason: str, language: str) -> str:
    """Return a refusal's sentence as far as it needs no gate or time, which logs do not keep."""
    if not reason:
        return ""
    try:
        whole = sentence_of("refuse", reason, language)
    except KeyError:
        return reason
    kept = [part for part in re.split(r"(?<=[.:]) ", whole) if "?" not in part]
    text = " ".join(kept).rstrip(" :")
    return f"{text}." if text and not text.endswith(".") else text or reason.replace("_", " ")
