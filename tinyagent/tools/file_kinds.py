"""What sort of thing a file is, told by the ending of its name: nothing is read to find out."""

from __future__ import annotations

_ENDINGS = {
    "document": "pdf doc docx odt rtf txt md tex pages epub mobi ods xls xlsx csv tsv numbers odp ppt pptx key org "
    "rst html htm eml ics vcf",
    "image": "jpg jpeg png gif webp heic heif tif tiff bmp svg raw cr2 nef arw dng ico xcf psd",
    "audio": "mp3 flac ogg oga opus wav m4a aac wma aiff mid midi",
    "video": "mp4 mkv webm mov avi wmv m4v mpg mpeg ogv flv 3gp",
    "code": "py ipynb js ts jsx tsx c h cc cpp hpp rs go java kt swift rb php pl lua sh bash zsh sql css json yaml "
    "yml toml xml r jl hs scala",
}
_KIND_OF = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}
PROGRAMS = frozenset(
    "sh bash zsh fish csh ksh command desktop exe msi bat cmd com ps1 vbs scr jar appimage run bin deb rpm flatpakref "
    "snap dmg pkg app scpt workflow py pyw pl rb php lua js jse wsf hta lnk url webloc terminal out elf so".split()
)
"""Endings of what an opener may start instead of showing: these are never opened, only told where they are."""

# No "films": a slip of one letter is forgiven, so it would read "files".
KIND_WORDS = (
    ("document", ("documents", "document", "docs", "doc", "paperwork", "papers", "text files", "text file",
                  "word documents", "word document", "word files", "word file", "docx", "txt",
                  "pdfs", "pdf", "pdf files", "pdf file", "ebooks", "ebook", "e-books", "e-book", "epubs", "epub",
                  "spreadsheets", "spreadsheet", "excel files", "excel file", "xlsx", "csv", "csvs", "workbook",
                  "presentations", "presentation", "slides", "slide deck", "slide decks", "slideshow", "slideshows",
                  "powerpoint", "powerpoints", "pptx")),
    ("image", ("images", "image", "photos", "photo", "pictures", "picture", "pics", "pic", "screenshots",
               "screenshot", "screen shots", "snapshots", "photographs", "photograph", "fotos", "foto", "image files",
               "image file", "jpgs", "jpg", "jpegs", "jpeg", "pngs", "png", "gifs", "gif", "selfies", "selfie")),
    ("audio", ("audio", "audio files", "songs", "song", "music", "recordings", "recording", "sound files",
               "mp3s", "mp3", "voice memos", "voice memo", "voice recordings", "voice recording", "voice notes",
               "music files", "music file", "audio file", "audio recordings", "sound file", "sound clips", "tunes")),
    ("video", ("videos", "video", "movies", "movie", "clips", "clip", "film", "footage",
               "vids", "vid", "video files", "video file", "video clips", "video clip", "mp4s", "mp4", "home movies")),
    ("code", ("code", "source code", "scripts", "script", "source files", "programs", "notebooks",
              "notebook", "source file", "code files", "python files", "python scripts")),
    ("folder", ("folders", "folder", "directories", "directory", "subfolders", "subfolder")),
)  # fmt: skip


def ending(name: str) -> str:
    """Return the ending of a file name in lower case, without the dot; "" where there is none."""
    stem, dot, last = name.rpartition(".")
    return last.lower() if dot and stem else ""


def kind_of(name: str) -> str:
    """Return "document", "image", "audio", "video", "code" or "other"."""
    return _KIND_OF.get(ending(name), "other")
