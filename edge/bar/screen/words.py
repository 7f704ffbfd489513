"""The till's own words on its screen, in English and French, short enough for their places."""

from typing import Final

from edge.bar.sayings import say
from edge.bar.screen.words_desk import DESK
from edge.screen.words import COMMON, Table, Words

_CANNOT_RECORD: Final = (say("cannot_record", "en"), say("cannot_record", "fr"))
_TILL: Final[Table] = {
    # what every screen words for itself
    "trouble": ("STOP", "PANNE"),
    "cannot_record": _CANNOT_RECORD,
    "starting": ("One moment: this till is starting.", "Un instant : la caisse démarre."),
    "sign_in": ("Show your staff badge.", "Présentez votre badge."),
    "supervisor_badge": (
        "Cashier or supervisor: show your badge.",
        "Caissier ou responsable : présentez votre badge.",
    ),
    "clock_now": ("This till believes: {0}", "Cette caisse croit : {0}"),
    "quit_question": ("Stop this till?", "Arrêter cette caisse ?"),
    "revoked": (
        "The office has withdrawn this till: sell nothing here.",
        "Le bureau a retiré cette caisse : ne vendez plus ici.",
    ),
    # the head and the line of what was last
    "shift": ("shift {0}", "service {0}"),
    "waiting": ("{0} parked", "{0} en attente"),
    "alone": ("alone", "seul"),
    "last": ("last: {0}", "dernier : {0}"),
    "back_in_hand": (
        "not paid: the basket is back",
        "pas payé : le panier est de retour",
    ),
    "reader_lost": (
        "A reader is lost: plug it in. Typing works.",
        "Lecteur perdu : branchez-le. Le clavier marche.",
    ),
    # the grid
    "sold_out": ("sold out", "épuisé"),
    "not_on_tap": ("off tap", "hors fût"),
    "half": ("half", "demi"),
    "double": ("double", "double"),
    "mixer": ("mixer", "soft"),
    "with_mixer": ("+mixer", "+soft"),
    "key_cup": ("−1 CUP", "−1 GOBELET"),
    "key_top_up": ("TOP UP", "RECHARGER"),
    "key_more": ("MORE", "PLUS"),
    # the basket
    "basket_empty": ("Choose, then tap.", "Choisissez, puis bracelet."),
    "to_pay": ("TO PAY", "À PAYER"),
    "hand_out": ("HAND OUT", "À RENDRE"),
    "tap": ("── tap wristband ──", "── bracelet ──"),
    "look_band": ("tap: balance", "bracelet : solde"),
    "asking": ("asking…", "demande…"),
    "line_deposit": ("cup deposit", "consigne"),
    "line_cups": ("cup back", "gobelet rendu"),
    "line_tip": ("tip", "pourboire"),
    "line_top_up": ("top-up ({0})", "recharge ({0})"),
    "line_voucher": ("voucher", "bon"),
    "key_cash": ("cash", "espèces"),
    "key_card": ("card", "carte"),
    "key_split": ("split", "parts"),
    "key_park": ("park", "attente"),
    "key_house": ("the house", "offert"),
    # short notes beside the basket
    "caps_lock": ("capitals: caps lock?", "majuscules : verr. maj ?"),
    "no_half": ("no half of it", "pas de demi"),
    "no_double": ("no double of it", "pas de double"),
    "no_mixer": ("no mixer with it", "pas de soft avec"),
    "no_cups": ("no cup deposit here", "pas de consigne ici"),
    "basket_full": ("the basket is full", "le panier est plein"),
    "nothing_chosen": ("nothing chosen yet", "rien de choisi"),
    "nothing_cleared": ("nothing to bring back", "rien à reprendre"),
    "cleared": ("cleared · ⇧Z: back", "vidé · ⇧Z : reprendre"),
    "top_up_tap": ("tap the wristband", "présentez le bracelet"),
    "show_band": ("tap the wristband", "présentez le bracelet"),
    "no_card_out": ("hand out in cash", "rendez en espèces"),
    "just_paid": ("just paid: once more?", "vient de payer"),
    "too_young": ("too young: not sold", "trop jeune : pas vendu"),
    "voucher_first_choose": ("choose first, then scan", "choisissez d'abord"),
    "parked": ("parked · F10: back", "en attente · F10"),
    "hand_full": ("park this basket first", "d'abord en attente"),
    "noted": ("noted", "noté"),
    "printing": ("printing", "impression"),
    "no_staff": ("no staff is known here", "aucun badge connu ici"),
    "nothing_sold": ("nothing sold yet", "rien de vendu"),
    "voided_before": ("taken back already", "déjà annulé"),
    "mark_first": ("mark lines first: +", "marquez d'abord : +"),
    "nothing_to_pay_out": ("nothing to pay out", "rien à rembourser"),
    "shift_opened": ("open with {0}", "ouvert avec {0}"),
    # green
    "paid_left": ("{0} — {1} left", "{0} — reste {1}"),
    "paid_otherwise": ("{0} paid", "{0} payés"),
    "put_on_it": ("{0} put on it — {1} left", "{0} crédités — reste {1}"),
    "handed_out": ("{0} handed out", "{0} rendus"),
    "change": ("change {0}", "rendre {0}"),
    "missing": ("missing {0}", "manque {0}"),
    "sold_alone": (
        "▲ Sold while alone: the office hears it later.",
        "▲ Vendu seul : le bureau l'apprendra plus tard.",
    ),
    "paid_before": ("It was recorded before.", "C'était déjà enregistré."),
    "any_key": ("Next guest: any key.", "Suivant : une touche."),
    # red
    "not_paid": ("NOT PAID", "PAS PAYÉ"),
    "basket_stays": ("The basket stays as it is.", "Le panier reste tel quel."),
    "pay_part": ("{0} with it, rest otherwise", "{0} avec, le reste autrement"),
    "other_band": ("other wristband", "autre bracelet"),
    "yes_other_band": ("yes, this other wristband", "oui, cet autre bracelet"),
    "show_other_band": (
        "Show the other wristband that pays.",
        "Présentez l'autre bracelet qui paie.",
    ),
    "guest_pin_key": ("guest's PIN", "PIN du client"),
    "guest_pin_ask": (
        "The guest types their PIN, then Enter.",
        "Le client tape son PIN, puis Entrée.",
    ),
    "renew_cap": ("supervisor: sell on", "responsable : continuer"),
    "renew_amount": (
        "How much more may this till sell alone?",
        "Combien cette caisse peut-elle encore vendre seule ?",
    ),
    # paying
    "cash_given": ("Cash: how much is given?", "Espèces : combien reçu ?"),
    "card_reference": (
        "Card: what the reader printed, then Enter",
        "Carte : référence imprimée, puis Entrée",
    ),
    "split_amount": ("Amount", "Montant"),
    "split_left": ("Left to pay: {0}", "Reste à payer : {0}"),
    "split_how": (
        "Amount (none: the rest), then how; or tap.",
        "Montant (rien : le reste), puis comment ; ou bracelet.",
    ),
    "by_cash": ("cash", "espèces"),
    "by_card": ("card", "carte"),
    "by_gift": ("the house", "offert"),
    "by_voucher": ("voucher", "bon"),
    "by_wallet": ("wristband", "bracelet"),
    "by_wristband": ("wristband", "bracelet"),
    # the key line
    "key_plus": ("more", "plus"),
    "key_minus": ("less", "moins"),
    "key_up": ("line", "ligne"),
    "key_down": ("line", "ligne"),
    "key_delete": ("remove", "ôter"),
    "key_void": ("void last", "annuler"),
}
word: Final = Words(COMMON, _TILL, DESK)
