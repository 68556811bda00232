"""Reading a page as a browser would."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """Every element with its attributes and the text directly within it; <template> content is left out."""

    elements: list[Element] = field(default_factory=list)
    templates: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.templates += tag == "template"
        if not self.templates:
            self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self.templates -= tag == "template"

    def handle_data(self, data: str) -> None:
        if self.elements and not self.templates:
            self.elements[-1].text += data.strip()

    def all(self, **attributes: str) -> list[Element]:
        """data_field="x" finds data-field="x"."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [element for element in self.elements if wanted.items() <= element.attributes.items()]

    def texts(self, **attributes: str) -> list[str]:
        return [element.text for element in self.all(**attributes)]


def read(content: bytes) -> Page:
    page = Page()
    page.feed(content.decode())
    return page
