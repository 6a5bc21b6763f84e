"""The formats that come with the house, as data, and which kind of note is written in which.

What was published is never changed, because signed notes are read by it: a change is a new version beside the old.
Names of sections are those of the field. SOAP: Weed, "Medical records that guide and teach", NEJM 278 (1968). DAP, BIRP
and GIRP: the usual variants in behavioural health. Safety plan: the steps of Stanley and Brown, "Safety planning
intervention", Cognitive and Behavioral Practice 19 (2012), in words of our own.
"""

from notes.formats import Format, Section
from notes.kinds import NoteKind
from notes.reasons import AddendumReason

FOLLOW_UP = "follow_up"

# Asked at the end of every session, whoever made its format, and answered by nobody beforehand. Notes in a format of
# the practice's own are read by it too: another wording is another constant beside it.
SAFETY_QUESTION = (
    Section(
        "safety",
        "Safety",
        choices=(
            ("none", "No new concern today"),
            (FOLLOW_UP, "Something to follow up\nOpens a short section for what was said and agreed"),
        ),
    ),
    Section(
        FOLLOW_UP,
        "To follow up",
        "What was said, what you agreed and who you told.",
        only_if=("safety", FOLLOW_UP),
    ),
)
_NEXT_STEPS = Section("plan", "Plan", "What comes next: until the next session, and in it.")
_ASSESSMENT = Section("assessment", "Assessment", "What you make of it: progress, risk, what it means for the work.")
_INTERVENTION = Section("intervention", "Intervention", "What you did, and why.")
_RESPONSE = Section("response", "Response", "How the client took it: what they said, tried, noticed.")

SESSION = Format(
    "session/1",
    "Session",
    (
        Section("brought", "What the client brought", "In their words where you can.", rows=5),
        Section("together", "What we did together"),
        Section("plan", "Plan", optional=True),
        *SAFETY_QUESTION,
    ),
)
SOAP = Format(
    "soap/1",
    "SOAP",
    (
        Section("subjective", "Subjective", "What the client says: in their words where you can.", rows=5),
        Section("objective", "Objective", "What you see and measure: appearance, mood, scores."),
        _ASSESSMENT,
        _NEXT_STEPS,
        *SAFETY_QUESTION,
    ),
)
DAP = Format(
    "dap/1",
    "DAP",
    (
        Section("data", "Data", "What was said, seen and done.", rows=6),
        _ASSESSMENT,
        _NEXT_STEPS,
        *SAFETY_QUESTION,
    ),
)
BIRP = Format(
    "birp/1",
    "BIRP",
    (
        Section("behavior", "Behavior", "What the client brought, and what you saw.", rows=5),
        _INTERVENTION,
        _RESPONSE,
        _NEXT_STEPS,
        *SAFETY_QUESTION,
    ),
)
GIRP = Format(
    "girp/1",
    "GIRP",
    (
        Section("goals", "Goals", "Which goal this session worked towards, and where it stands."),
        _INTERVENTION,
        _RESPONSE,
        _NEXT_STEPS,
        *SAFETY_QUESTION,
    ),
)
INTAKE = Format(
    "intake/1",
    "Intake",
    (
        Section("concern", "Presenting concern", "What brings them, since when, and why now.", rows=5),
        Section("history", "History", "How it began, and what was tried. Earlier treatment, and what helped."),
        Section("health", "Health and medication", "Illnesses, medication, sleep, substances.", optional=True),
        Section("life", "Life situation", "Home, family, work or school, culture and faith.", optional=True),
        Section("strengths", "Strengths and supports", "What carries them, and who.", optional=True),
        Section("risk", "Risk and safety", "What you asked about harm to self or others, and what was answered."),
        Section("impression", "First impression", "How they seem, what you think it is. Diagnosis where one is due."),
        Section("goals", "Goals", "What should be different, in their words."),
        _NEXT_STEPS,
    ),
)
SAFETY_PLAN = Format(
    "safety_plan/1",
    "Safety plan",
    (
        Section("signs", "Warning signs", "How I notice that a crisis may be coming."),
        Section("alone", "What I can do by myself", "Things that take my mind off it, without anybody’s help."),
        Section("distraction", "People and places that distract me", "With numbers and addresses."),
        Section("help", "People I can ask for help", "With their numbers. Do they know?"),
        Section("professionals", "Professionals and services", "Therapist, crisis line, nearest emergency department."),
        Section("surroundings", "Making my surroundings safer", "What is put out of reach, by whom, and until when."),
        Section("worth", "What is worth living for", optional=True),
    ),
)
FREE = Format("free/1", "Free text", (Section("text", "Note", rows=14),))
FREE_SESSION = Format("free/2", "Free text", (*FREE.sections, *SAFETY_QUESTION))
PLAIN = Format("plain/1", "Free text", (Section("text", "What happened", rows=10),))
IMPORTED = Format(
    "imported/1",
    "Past note",
    (
        Section("text", "Note", rows=14),
        Section("written_by", "Written by, elsewhere", optional=True),
        Section("source", "From the file"),
    ),
)
PROCESS = Format(
    "process/1",
    "Process note",
    (Section("text", "Your own thoughts", "Shown to nobody but you, and no part of the record.", rows=12),),
)
# Of a crisis at any time, and of an emergency before the signature: what is asked about both afterwards is the same.
CRISIS = Format(
    "emergency/1",
    "Crisis",
    (
        Section("happened", "What happened, and when", "With the time of each thing, where you know it.", rows=5),
        Section("risk", "The risk as you saw it", "What you saw and heard, and what you concluded from it."),
        Section("done", "What was done"),
        Section("informed", "Who was informed", "Who, when and of what. If nobody was: why not."),
        Section("agreed", "What was agreed, and the next step", "Who does what, and by when."),
    ),
)
SAFETY = Format(
    "safety/1",
    "Safety note",
    (
        Section("concern", "The concern", "What was said or noticed, by whom and when.", rows=5),
        Section("risk", "The risk as you see it"),
        Section("agreed", "What was done and agreed", "Who does what, and by when."),
        Section("informed", "Who was informed", "Who, when and of what.", optional=True),
    ),
)
REFUSAL = Format(
    "refusal/1",
    "Refusal or withdrawal",
    (
        Section("refused", "What the client refused or withdrew, and when", "In their words where you can.", rows=5),
        Section("reason", "The reason, if they gave one", "Nobody owes you one.", optional=True),
        Section("explained", "What you explained", "What it means for the work, and that they can sign later."),
        Section("agreed", "What was agreed, and the next step"),
    ),
)
CLOSING = Format(
    "closing/1",
    "Closing summary",
    (
        Section("reason", "Why and how it ended", "Agreed, broken off, moved on: who decided, and when."),
        Section("course", "The course of the work", "From when to when, how often, what was worked on.", rows=5),
        Section("reached", "What was reached", "Against the goals, with scores where there are any."),
        Section("open", "What stays open", "Risk and needs at the end.", optional=True),
        Section("onward", "What was recommended", "Where to turn, and how to come back."),
    ),
)
# Its reason is a column of the addendum too: that something was corrected is seen before anything is opened.
ADDENDUM = Format(
    "addendum/1",
    "Addendum",
    (
        Section("reason", "Why is it added?", choices=tuple((reason.value, reason.label) for reason in AddendumReason)),
        Section("why", "The reason in your own words", "What was wrong or missing, and how you noticed.", rows=3),
        Section("text", "What is added", "The note stays as it is. Write what is to be read beside it.", rows=8),
    ),
)

_BY_KIND: dict[NoteKind, tuple[Format, ...]] = {
    NoteKind.SESSION: (SESSION, SOAP, DAP, BIRP, GIRP, INTAKE, FREE_SESSION),
    NoteKind.PROCESS: (PROCESS,),
    NoteKind.REFUSAL: (REFUSAL,),
    NoteKind.SAFETY: (SAFETY, FREE),
    NoteKind.SAFETY_PLAN: (SAFETY_PLAN,),
    NoteKind.CRISIS: (CRISIS, FREE),
    NoteKind.EMERGENCY: (CRISIS,),
    NoteKind.CLOSING: (CLOSING, FREE),
    NoteKind.IMPORTED: (IMPORTED,),
}
_FIXED = frozenset(
    {NoteKind.PROCESS, NoteKind.REFUSAL, NoteKind.SAFETY, NoteKind.SAFETY_PLAN, NoteKind.CRISIS, NoteKind.EMERGENCY}
)
_BY_NAME = {format_.name: format_ for formats in (*_BY_KIND.values(), (PLAIN, ADDENDUM)) for format_ in formats}


def takes_own(kind: NoteKind) -> bool:
    """Say whether a practice's own formats fit: where a duty or a plan has its sections, they do not."""
    return kind not in _FIXED


def formats_for(kind: NoteKind) -> tuple[Format, ...]:
    """Return the formats that a note of this kind may be written in, the usual one first."""
    return _BY_KIND.get(kind, (PLAIN,))


def current_format(kind: NoteKind) -> Format:
    """Return what a new note of this kind asks for, where nothing else was chosen."""
    return formats_for(kind)[0]


def find_published(name: str) -> Format:
    """Return the format of this name that came with the house.

    :raises KeyError: this version does not know it
    """
    return _BY_NAME[name]
