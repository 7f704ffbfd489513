"""Every word of the gate's screen, in English and French, short enough for its place."""

from typing import Final

_WORDS: Final[dict[str, tuple[str, str]]] = {
    # the large word
    "come_in": ("COME IN", "ENTREZ"),
    "go_out": ("GO OUT", "SORTEZ"),
    "check": ("CHECK", "VÉRIFIEZ"),
    "stop": ("STOP", "STOP"),
    "ready": ("READY", "PRÊT"),
    "closed": ("CLOSED", "FERMÉ"),
    "trouble": ("NO ENTRY", "PANNE"),
    "peek": ("LOOK", "VOIR"),
    # lines
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
    "pin": ("PIN, then Enter", "Code PIN, puis Entrée"),
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
    "several": (
        "{0} codes at once. One at a time, please.",
        "{0} codes à la fois. Un seul, s'il vous plaît.",
    ),
    "how_many_few": ("How many? 1 to {0}", "Combien ? 1 à {0}"),
    "how_many": ("How many? 1 to {0}, then Enter", "Combien ? 1 à {0}, puis Entrée"),
    "clock_now": ("This gate believes: {0}", "Cette porte croit : {0}"),
    "clock_entry": (
        "Type the right time as HHMM, then Enter",
        "Tapez l'heure juste (HHMM), puis Entrée",
    ),
    "clock_done": ("The time was confirmed (± 5 min).", "L'heure est confirmée (± 5 min)."),
    "clock_wrong": (
        "A time has four digits, such as 1930.",
        "Une heure a quatre chiffres, par exemple 1930.",
    ),
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
    "yes": ("yes", "oui"),
    "no": ("no", "non"),
    "back": ("back", "retour"),
    "enter": ("done", "valider"),
    "supervisor": ("supervisor", "responsable"),
    # the key line
    "key_in": ("in", "entrée"),
    "key_out": ("out", "sortie"),
    "key_automatic": ("both", "auto"),
    "key_peek": ("peek", "voir"),
    "key_undo": ("undo", "annuler"),
    "key_supervisor": ("supervisor", "responsable"),
    "key_type": ("type", "taper"),
    "key_wristband": ("band", "bracelet"),
    "key_log": ("log", "journal"),
    "key_clock": ("clock", "heure"),
    "key_rehearse": ("rehearse", "essai"),
    "key_camera": ("camera", "caméra"),
    "key_leave": ("sign out", "quitter"),
    "key_language": ("français", "English"),
    # the head
    "inside": ("inside", "dedans"),
    "here": ("here", "ici"),
    "per_minute": ("/min", "/min"),
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
    "revoked": (
        "The office has withdrawn this gate: nobody may come in here.",
        "Le bureau a retiré cette porte : personne ne peut entrer ici.",
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


def word(name: str, language: str, *details: object) -> str:
    """Return a word in ``en`` or ``fr`` with its holes filled."""
    english, french = _WORDS[name]
    return (french if language == "fr" else english).format(*details)


def names() -> tuple[str, ...]:
    """Return the names of all words, for the test that looks at each."""
    return tuple(_WORDS)
