"""What people are told about the rows of an import, in English and French."""

from typing import Final

from cloud.tickets.import_rows import Wrong
from cloud.tickets.table_reader import BadTable, TableTrouble

Words = dict[str, str]

_WRONG: Final[dict[Wrong, tuple[str, str]]] = {
    Wrong.TOO_MANY_CELLS: (
        "The row has more cells than the header: a delimiter may stand inside a text.",
        "La ligne a plus de cellules que l’en-tête : un séparateur est peut-être dans un texte.",
    ),
    Wrong.CELL_TOO_LONG: (
        "A cell has more than {} characters.",
        "Une cellule a plus de {} caractères.",
    ),
    Wrong.CONTROL_CHARACTERS: (
        "A cell holds characters that are no text, or that nobody sees: type it anew.",
        "Une cellule contient des caractères invisibles ou hors texte : ressaisissez-la.",
    ),
    Wrong.NO_CODE: ("The code is missing.", "Le code manque."),
    Wrong.CODE_TOO_LONG: ("The code is too long.", "Le code est trop long."),
    Wrong.CODE_SHORTENED: (
        "A spreadsheet has shortened this number: export the column again as text.",
        "Un tableur a abrégé ce nombre : exportez à nouveau la colonne au format texte.",
    ),
    Wrong.CODE_IS_OURS: (
        "This is a code of Guichet, not of another system.",
        "C’est un code de Guichet, pas celui d’un autre système.",
    ),
    Wrong.CODE_TWICE: (
        "The same code stands in row {} already.",
        "Le même code est déjà à la ligne {}.",
    ),
    Wrong.NO_TYPE: ("The ticket type is missing.", "Le type de billet manque."),
    Wrong.UNKNOWN_TYPE: (
        "There is no ticket type “{}” here.",
        "Il n’y a pas de type de billet « {} » ici.",
    ),
    Wrong.WITHDRAWN: (
        "The other system has withdrawn this ticket.",
        "L’autre système a retiré ce billet.",
    ),
    Wrong.UNPAID: (
        "The other system says that this ticket is not paid.",
        "D’après l’autre système, ce billet n’est pas payé.",
    ),
    Wrong.UNKNOWN_STATUS: (
        "The word for this ticket’s state is not known.",
        "Le mot pour l’état de ce billet n’est pas connu.",
    ),
    Wrong.SEVERAL: (
        "A row must be one ticket, with a code of its own.",
        "Une ligne doit être un seul billet, avec son propre code.",
    ),
    Wrong.BAD_EMAIL: ("This is no e-mail address.", "Ce n’est pas une adresse e-mail."),
}
_TROUBLE: Final[dict[TableTrouble, tuple[str, str]]] = {
    TableTrouble.EMPTY: ("The table is empty.", "Le tableau est vide."),
    TableTrouble.TOO_LARGE: ("The file is too large.", "Le fichier est trop grand."),
    TableTrouble.UNKNOWN_ENCODING: (
        "The file is no text that can be read: save it as CSV (UTF-8).",
        "Le fichier n’est pas un texte lisible : enregistrez-le en CSV (UTF-8).",
    ),
    TableTrouble.TOO_MANY_ROWS: (
        "The table has too many rows: split it.",
        "Le tableau a trop de lignes : découpez-le.",
    ),
    TableTrouble.TOO_MANY_COLUMNS: (
        "Row {} has too many columns.",
        "La ligne {} a trop de colonnes.",
    ),
    TableTrouble.BROKEN: (
        "From row {} on the table cannot be read: a quote is not closed, or a cell has no end.",
        "Tableau illisible à partir de la ligne {} : guillemet non fermé, ou cellule sans fin.",
    ),
    TableTrouble.NO_KNOWN_COLUMN: (
        "No column has a name that is known; the first row must name them.",
        "Aucune colonne n’a un nom connu ; la première ligne doit les nommer.",
    ),
    TableTrouble.NO_CODES: (
        "No column holds the codes: call it “code” or “barcode”.",
        "Aucune colonne ne contient les codes : appelez-la « code » ou « code-barres ».",
    ),
}


def words_of(wrong: Wrong, detail: str) -> Words:
    """Return what is wrong with a row, by language."""
    english, french = _WRONG[wrong]
    return {"en": english.format(detail), "fr": french.format(detail)}


def words_of_table(bad: BadTable) -> Words:
    """Return why a file cannot be read, by language."""
    english, french = _TROUBLE[bad.trouble]
    return {"en": english.format(bad.row), "fr": french.format(bad.row)}
