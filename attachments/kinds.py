"""What may be attached, how much of it, and why a file is taken out again."""

from enum import StrEnum, unique

# In bytes: a scan of fifty pages, or a photograph of any phone.
LARGEST = 20 * 1024 * 1024


@unique
class Kind(StrEnum):
    """What a file is, by what is in it. The value is the ending that its name has when it leaves."""

    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    HEIC = "heic"
    DOCX = "docx"
    ODT = "odt"
    TEXT = "txt"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]

    @property
    def is_picture(self) -> bool:
        """Whether every browser shows it in a page."""
        return self in (Kind.JPEG, Kind.PNG)

    @property
    def is_shown(self) -> bool:
        """Whether a browser shows it without keeping a copy."""
        return self.is_picture or self is Kind.PDF


_LABELS = {
    Kind.PDF: "PDF",
    Kind.JPEG: "Picture (JPEG)",
    Kind.PNG: "Picture (PNG)",
    Kind.HEIC: "Picture (HEIC)",
    Kind.DOCX: "Word document",
    Kind.ODT: "OpenDocument text",
    Kind.TEXT: "Plain text",
}
_MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.HEIC: "image/heic",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.ODT: "application/vnd.oasis.opendocument.text",
    Kind.TEXT: "text/plain; charset=utf-8",
}


@unique
class Error(StrEnum):
    """Why a file should not have been attached."""

    OTHER_CLIENT = "other_client"
    OTHER_FILE = "other_file"
    TWICE = "twice"

    @property
    def label(self) -> str:
        return _ERRORS[self]


_ERRORS = {
    Error.OTHER_CLIENT: "It is about another client",
    Error.OTHER_FILE: "It is not the file that was meant",
    Error.TWICE: "It was attached twice",
}
