"""What a till says in words, in English and French: why something was not done, and what to do."""

from typing import Final

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "cannot_record": (
        "This till cannot record. Sell nothing here, and call the technician.",
        "Cette caisse n'enregistre plus. Ne vendez rien ici et appelez le technicien.",
    ),
    "not_a_band": ("This code is not a wristband's.", "Ce code n'est pas celui d'un bracelet."),
    "number_unknown": (
        "No wristband with this number is known here. Show its code or chip.",
        "Aucun bracelet connu ici ne porte ce numéro. Présentez son code ou sa puce.",
    ),
    "number_wrong": (
        "This number has a typing mistake. It has 11 digits.",
        "Ce numéro comporte une erreur. Il a 11 chiffres.",
    ),
    "number_several": (
        "Several wristbands have this number. Show the code or chip.",
        "Plusieurs bracelets portent ce numéro. Présentez le code ou la puce.",
    ),
    "other_wristband": (
        "This is another wristband than the one that began to pay. Choose 'other wristband' first.",
        "Ce n'est pas le bracelet qui a commencé à payer. Choisissez d'abord « autre bracelet ».",
    ),
    "card_number": (
        "This looks like a card's number, which must not be kept. Type the slip's reference.",
        "On dirait un numéro de carte, qui ne doit pas être gardé. Tapez la référence du ticket.",
    ),
    "basket_too_large": (
        "This basket is too large for one sale. Take some of it out and sell it apart.",
        "Ce panier est trop grand pour une seule vente. Retirez-en une partie et vendez-la à part.",
    ),
    "empty_basket": ("There is nothing in this basket.", "Ce panier est vide."),
    "no_shift": (
        "No shift is open. Open one with a counted float first.",
        "Aucun service n'est ouvert. Ouvrez-en un avec le fonds de caisse compté.",
    ),
    "age": (
        "Is the guest at least {0}? Ask for a proof of age.",
        "La personne a-t-elle au moins {0} ans ? Demandez une pièce d'identité.",
    ),
    "approval": (
        "This needs a badge and PIN that allow it. Call a cashier or supervisor.",
        "Il faut un badge et un code PIN autorisés. Appelez un caissier ou un responsable.",
    ),
    "guest_pin": (
        "The guest types their PIN, or shows the chip.",
        "La personne tape son code PIN, ou présente la puce.",
    ),
    "wrong_pin": ("This is not the guest's PIN.", "Ce n'est pas le code PIN de la personne."),
    "wrong_claim": ("This is not the claim code.", "Ce n'est pas le code de réclamation."),
    "no_claim": (
        "No claim code was given out for this wristband. A supervisor can confirm it.",
        "Aucun code de réclamation n'existe pour ce bracelet. Un responsable peut confirmer.",
    ),
    "no_pin": (
        "This wristband has no PIN yet. It is set at the top-up desk.",
        "Ce bracelet n'a pas encore de code PIN. On le choisit au point de rechargement.",
    ),
    "pin_locked": (
        "Too many wrong tries. Wait {0} more minutes.",
        "Trop d'essais faux. Attendez encore {0} minutes.",
    ),
    "locked": (
        "Too many wrong tries at the office. Wait five minutes.",
        "Trop d'essais faux auprès du bureau. Attendez cinq minutes.",
    ),
    "wristband_in_use": (
        "This wristband is in use already. Take a fresh one.",
        "Ce bracelet est déjà utilisé. Prenez-en un neuf.",
    ),
    "recovering": (
        "The office is being restored and lends nothing yet.",
        "Le bureau est en cours de restauration et ne prête encore rien.",
    ),
    "not_authority": (
        "The authority for wallets has just moved. Ask again in a moment.",
        "L'autorité sur les portefeuilles vient de changer. Redemandez dans un instant.",
    ),
    "catching_up": (
        "The authority is still fetching what was lent before. Ask again in a moment.",
        "L'autorité récupère encore ce qui a été prêté avant. Redemandez dans un instant.",
    ),
    "comparing": (
        "The claim code is being checked. Ask again in a moment.",
        "Le code de réclamation est en cours de vérification. Redemandez dans un instant.",
    ),
    "copied": (
        "This box was copied: put one away and enrol the other again. The office lends it nothing.",
        (
            "Cet appareil a été copié : rangez-en un et enrôlez l'autre de nouveau. Le bureau ne"
            " lui prête rien."
        ),
    ),
    "unknown_wallet": (
        "The office knows nothing of the lost wristband.",
        "Le bureau ne connaît pas le bracelet perdu.",
    ),
    "not_allowed": (
        "The office does not let this badge do that.",
        "Le bureau n'autorise pas ce badge à le faire.",
    ),
    "no_office": (
        "Only the office can do this, and it cannot be reached. Try when the line is back.",
        "Seul le bureau peut le faire, et il est injoignable. Réessayez au retour de la liaison.",
    ),
    "no_hub": (
        "Only the hub on the site can do this, and it cannot be reached. Try again later.",
        "Seul le relais du site peut le faire, et il est injoignable. Réessayez plus tard.",
    ),
    "not_heard_yet": (
        "The office has not answered yet. Ask again in a moment.",
        "Le bureau n'a pas encore répondu. Redemandez dans un instant.",
    ),
    "refused_by_office": (
        "The office did not allow it ({0}).",
        "Le bureau ne l'a pas permis ({0}).",
    ),
    "voucher_used": ("This voucher was used already.", "Ce bon a déjà servi."),
    "voucher_unknown": (
        "This till does not know this kind of voucher.",
        "Cette caisse ne connaît pas ce type de bon.",
    ),
    "voucher_for_nothing": (
        "Nothing in this basket can be paid with this voucher.",
        "Rien dans ce panier ne peut être payé avec ce bon.",
    ),
    "quota_full": (
        "This till has no {0} left. Try again in a moment, or send the guest to another till.",
        "Cette caisse n'a plus de {0}. Réessayez, ou envoyez la personne à une autre caisse.",
    ),
    "not_a_voucher": ("This code is not a voucher.", "Ce code n'est pas un bon."),
    "blocked": ("This wristband is blocked.", "Ce bracelet est bloqué."),
    "top_up_stays": (
        "A top-up is not voided: the money is in the wristband. Pay it out instead.",
        "Une recharge ne s'annule pas : l'argent est sur le bracelet. Remboursez-la plutôt.",
    ),
    "other_shift": (
        "This sale is of an earlier shift. It can be refunded, not voided.",
        "Cette vente date d'un service précédent. Remboursez-la au lieu de l'annuler.",
    ),
    "sale_unknown": ("No such sale is known here.", "Cette vente n'est pas connue ici."),
    "nothing_to_refund": (
        "Of this line nothing is left to refund.",
        "Il ne reste rien à rembourser sur cette ligne.",
    ),
    "shift_open": (
        "Shift {0} is open already. Close it first.",
        "Le service {0} est déjà ouvert. Clôturez-le d'abord.",
    ),
    "unknown_shift": (
        "This till has no closed shift {0}.",
        "Cette caisse n'a pas de service {0} clôturé.",
    ),
    "not_counted": (
        "Say what was counted: a sum, or how many of each note and coin.",
        "Dites ce qui a été compté : une somme, ou le nombre de chaque billet et pièce.",
    ),
    "bad_sum": (
        "A counted sum is a whole number of cents, not below zero.",
        "Une somme comptée est un nombre entier de centimes, jamais négatif.",
    ),
    "bad_cash": (
        "Notes and coins are pairs of value and count, {0} at most, each value once.",
        "Billets et pièces : des paires valeur et nombre, {0} au plus, chaque valeur une fois.",
    ),
    "unknown_coin": (
        "There is no note or coin of {0}.",
        "Il n'existe ni billet ni pièce de {0}.",
    ),
    "sums_differ": (
        "The notes and coins come to {0}, the sum says {1}.",
        "Les billets et pièces font {0}, la somme indique {1}.",
    ),
    "no_printer": (
        "No receipt printer is connected to this till.",
        "Aucune imprimante n'est reliée à cette caisse.",
    ),
    "sale_not_newest": (
        "This till has no such sale among its newest.",
        "Cette caisse n'a pas cette vente parmi les plus récentes.",
    ),
    "print_what": (
        "Say what to print: a sale, a shift, or a claim code with its number.",
        "Dites quoi imprimer : une vente, un service, ou un code de réclamation et son numéro.",
    ),
}


def say(name: str, language: str, *details: object) -> str:
    """Return a sentence in ``en`` or ``fr`` with its holes filled."""
    english, french = _WORDS[name]
    return (french if language == "fr" else english).format(*details)


def names() -> tuple[str, ...]:
    """Return the names of all sentences."""
    return tuple(_WORDS)
