"""The gate's own words on its screen, in English and French, short enough for their places."""

from typing import Final

from edge.screen.words import COMMON, Table, Words
from sync.sentences import sentence_of

_CANNOT_RECORD: Final = (
    sentence_of("trouble", "cannot_record", "en"),
    sentence_of("trouble", "cannot_record", "fr"),
)
_GATE: Final[Table] = {
    # the large word
    "come_in": ("COME IN", "ENTREZ"),
    "go_out": ("GO OUT", "SORTEZ"),
    "trouble": ("NO ENTRY", "PANNE"),
    "peek": ("LOOK", "VOIR"),
    # lines
    "cannot_record": _CANNOT_RECORD,
    "ready_in": ("Hold the ticket before the camera.", "Présentez le billet à la caméra."),
    "ready_out": (
        "Way out: hold the ticket before the camera.",
        "Sortie : présentez le billet à la caméra.",
    ),
    "ready_automatic": (
        "Both ways: the turnstile tells which.",
        "Deux sens : le tourniquet dit lequel.",
    ),
    "rehearsal": (
        "REHEARSAL: test tickets only, nothing is kept.",
        "RÉPÉTITION : billets d'essai seulement, rien n'est gardé.",
    ),
    "sign_in": (
        "Hold your staff badge before the camera.",
        "Présentez votre badge à la caméra.",
    ),
    "serial": (
        "Type the ticket's number, then Enter",
        "Tapez le numéro du billet, puis Entrée",
    ),
    "supervisor_badge": (
        "Supervisor: hold your badge before the camera.",
        "Responsable : présentez votre badge à la caméra.",
    ),
    "why_override": ("Why is this guest let in?", "Pourquoi laisser entrer cette personne ?"),
    "reason_1": ("papers seen", "papiers vus"),
    "reason_2": ("our own mistake", "erreur de notre part"),
    "reason_3": ("technical fault", "panne technique"),
    "reason_4": ("organiser decided", "décision de l'organisateur"),
    "reason_5": ("emergency", "urgence"),
    "reason_9": ("something else", "autre raison"),
    "peek_hint": (
        "Look only: nothing is recorded. Show a ticket or a wristband.",
        "Consultation : rien n'est enregistré. Montrez un billet ou un bracelet.",
    ),
    "wristband_hint": (
        "Show the wristband that this guest gets.",
        "Montrez le bracelet que reçoit cette personne.",
    ),
    "wristband_given": ("The wristband stands for the ticket.", "Le bracelet vaut le billet."),
    "undone": ("Taken back: as if it had not been.", "Annulé : comme si rien ne s'était passé."),
    "not_entered": (
        "Nobody passed the turnstile: the admission was given back.",
        "Personne n'a passé le tourniquet : l'entrée a été rendue.",
    ),
    "nothing_to_undo": (
        "There is nothing to take back.",
        "Il n'y a rien à annuler.",
    ),
    "no_refusal": (
        "Scan the ticket first; then a supervisor can decide.",
        "Scannez d'abord le billet ; un responsable pourra ensuite décider.",
    ),
    "no_admission": (
        "Let the guest in first; then give the wristband.",
        "Faites d'abord entrer la personne ; puis donnez le bracelet.",
    ),
    "how_many_few": ("How many? 1 to {0}", "Combien ? 1 à {0}"),
    "how_many": ("How many? 1 to {0}, then Enter", "Combien ? 1 à {0}, puis Entrée"),
    "clock_now": ("This gate believes: {0}", "Cette porte croit : {0}"),
    "log_title": ("Log of this gate", "Journal de cette porte"),
    "log_search": ("search", "recherche"),
    "log_empty": ("Nothing found.", "Rien trouvé."),
    "type": ("{0}", "{0}"),
    "group": ("{0} of {1} of the group are inside", "{0} sur {1} du groupe sont à l'intérieur"),
    "guests": ("{0} guests", "{0} personnes"),
    "first": ("First let in: {0}, {1}", "Première entrée : {0}, {1}"),
    "first_no_time": ("First let in: {0}", "Première entrée : {0}"),
    "adult_checked": ("age was checked", "âge vérifié"),
    "from_age": ("from {0} years on", "à partir de {0} ans"),
    "call_supervisor": (
        "S: a supervisor can let them in.",
        "S : un responsable peut laisser entrer.",
    ),
    "quit_question": ("Stop this gate?", "Arrêter cette porte ?"),
    "starting": ("One moment: this gate is starting.", "Un instant : la porte démarre."),
    # choices
    "supervisor": ("supervisor", "responsable"),
    # the key line
    "key_in": ("in", "entrée"),
    "key_out": ("out", "sortie"),
    "key_automatic": ("both", "auto"),
    "key_peek": ("peek", "voir"),
    "key_undo": ("undo", "annuler"),
    "key_type": ("type", "taper"),
    "key_wristband": ("band", "bracelet"),
    "key_rehearse": ("rehearse", "essai"),
    # the head
    "inside": ("inside", "dedans"),
    "here": ("here", "ici"),
    "per_minute": ("/min", "/min"),
    # the status line
    "revoked": (
        "The office has withdrawn this gate: nobody may come in here.",
        "Le bureau a retiré cette porte : personne ne peut entrer ici.",
    ),
}
word: Final = Words(COMMON, _GATE)
