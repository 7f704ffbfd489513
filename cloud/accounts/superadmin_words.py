"""The words of the page behind the one-time link, in English and French."""

from typing import Final

from cloud.limits import PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, SUPERADMIN_LINK_H

COMMAND: Final = "./guichet cloud superadmin-link DIR"

WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "title": "Run this house",
        "intro": "Whoever runs the house sees every organiser in it, makes new ones and suspends"
        f" them. This link is good once, for {SUPERADMIN_LINK_H} hours.",
        "unsafe": "This page is not encrypted: whoever is on the way can read your password. Open"
        " the link on the office's own machine, or put a TLS proxy in front of the office.",
        "name": "Your name",
        "email": "E-mail address",
        "password": "Password",
        "hint": f"At least {PASSWORD_CHARS_MIN} characters. Length is what counts.",
        "show": "Show the password",
        "submit": "Run the house",
        "join": "Run the house with that account",
        "done": "You run this house now",
        "done_as": "Sign in from now on as",
        "done_next": "What you can do, and how a program of yours does it:",
        "docs": "the API",
        "by_hand": "Without scripts",
        "by_hand_1": "Your browser ran no script, so this page can do nothing. Write a file"
        " account.json with the secret, which is what stands behind # in the link:",
        "by_hand_2": "Send it, where ADDRESS is the beginning of this page's address, then take"
        " the file away:",
        "your_name": "Your name",
    },
    "fr": {
        "title": "Prendre en main cette maison",
        "intro": "Qui dirige la maison voit tous les organisateurs, en crée et les suspend. Ce"
        f" lien sert une seule fois, pendant {SUPERADMIN_LINK_H} heures.",
        "unsafe": "Cette page n’est pas chiffrée : quiconque se trouve sur le chemin peut lire"
        " votre mot de passe. Ouvrez le lien sur la machine du bureau, ou placez un proxy TLS"
        " devant le bureau.",
        "name": "Votre nom",
        "email": "Adresse e-mail",
        "password": "Mot de passe",
        "hint": f"Au moins {PASSWORD_CHARS_MIN} caractères. C’est la longueur qui compte.",
        "show": "Montrer le mot de passe",
        "submit": "Diriger la maison",
        "join": "Diriger la maison avec ce compte",
        "done": "Vous dirigez maintenant cette maison",
        "done_as": "Connectez-vous désormais comme",
        "done_next": "Ce que vous pouvez faire, et comment un programme le fait pour vous :",
        "docs": "l’API",
        "by_hand": "Sans scripts",
        "by_hand_1": "Votre navigateur n’a exécuté aucun script : cette page ne peut rien faire."
        " Écrivez un fichier account.json avec le secret, soit ce qui suit # dans le lien :",
        "by_hand_2": "Envoyez-le, où ADDRESS est le début de l’adresse de cette page, puis"
        " supprimez le fichier :",
        "your_name": "Votre nom",
    },
}

_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "no_secret": (
        (
            "The address of this page lacks the secret. Open the whole link once more, or make a"
            f" new one on the office's machine: {COMMAND}"
        ),
        (
            "Il manque le secret dans l’adresse de cette page. Ouvrez de nouveau le lien entier, ou"
            f" faites-en un autre sur la machine du bureau : {COMMAND}"
        ),
    ),
    "link_invalid": (
        (
            f"This link was used already, is older than {SUPERADMIN_LINK_H} hours, or was followed"
            " by a newer one. Whoever used it signs in with their account. For one more person"
            f" make a new link on the office's machine: {COMMAND}"
        ),
        (
            f"Ce lien a déjà servi, a plus de {SUPERADMIN_LINK_H} heures, ou a été remplacé par un"
            " plus récent. Qui l’a utilisé se connecte avec son compte. Pour une autre personne,"
            f" faites un nouveau lien sur la machine du bureau : {COMMAND}"
        ),
    ),
    "email_taken": (
        (
            "This e-mail address has an account already. If it is yours and the password is its"
            " password, run the house with it; otherwise take another address."
        ),
        (
            "Cette adresse e-mail a déjà un compte. S’il est le vôtre et que le mot de passe est le"
            " sien, dirigez la maison avec lui ; sinon, prenez une autre adresse."
        ),
    ),
    "email_malformed": (
        "This is not an e-mail address.",
        "Ceci n’est pas une adresse e-mail.",
    ),
    "name_malformed": (
        "Write your name, in one line.",
        "Écrivez votre nom, sur une ligne.",
    ),
    "password_length": (
        f"A password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters.",
        f"Un mot de passe a de {PASSWORD_CHARS_MIN} à {PASSWORD_CHARS_MAX} caractères.",
    ),
    "password_easy": (
        "This password is too easy to guess. Take some words that belong to nobody else.",
        "Ce mot de passe est trop facile à deviner. Prenez quelques mots qui ne sont qu’à vous.",
    ),
    "wrong_credentials": (
        "That account has another password. Nothing was changed.",
        "Ce compte a un autre mot de passe. Rien n’a été changé.",
    ),
    "too_many": (
        "Too many tries. Wait {seconds} s, then try again.",
        "Trop d’essais. Attendez {seconds} s, puis réessayez.",
    ),
    "no_answer": (
        "The office does not answer. See whether it runs, then try again: the link is still good.",
        "Le bureau ne répond pas. Voyez s’il fonctionne, puis réessayez : le lien reste valable.",
    ),
    "busy": (
        "The office cannot do this now. Try again in a moment: the link is still good.",
        (
            "Le bureau ne peut pas le faire maintenant. Réessayez dans un instant : le lien reste"
            " valable."
        ),
    ),
    "refused": (
        "The office refused this: {title}",
        "Le bureau a refusé : {title}",
    ),
}


def sentences(language: str) -> dict[str, str]:
    """Return what the script says of each refusal, by the API's word for it."""
    place = 1 if language == "fr" else 0
    return {code: told[place] for code, told in _SENTENCES.items()}
