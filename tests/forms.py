"""Forms as a browser sends them: every input of the page as it was drawn, with some changed."""

from html.parser import HTMLParser

HIDDEN = ("_edit_key", "_edit_version", "_edit_row")


class Fields(HTMLParser):
    """The inputs of one form: the last one of the page that posts, or the one with this id."""

    def __init__(self, html, form_id=""):
        super().__init__()
        self.form_id, self.fields, self.select, self.text = form_id, {}, None, None
        self.within = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        about = dict(attributes)
        if tag == "form":
            self.within = about.get("method") == "post" and about.get("id", "").startswith(self.form_id)
            if self.within and about.get("id") != "logout-form":
                self.fields = {}
        if not self.within or "disabled" in about:
            return
        name = about.get("name")
        if tag == "input" and name and about.get("type") not in {"submit", "button", "file"}:
            is_box = about.get("type") in {"checkbox", "radio"}
            if not is_box or "checked" in about:
                self.add(name, about.get("value", "on" if is_box else ""))
        elif tag == "select":
            self.select = (name, "multiple" in about)
        elif tag == "option" and self.select and "selected" in about:
            self.add(self.select[0], about.get("value", ""))
        elif tag == "textarea":
            self.text = (name, [])

    def handle_data(self, data):
        if self.text:
            self.text[1].append(data)

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None
        elif tag == "textarea" and self.text:
            name, written = self.text
            self.add(name, "".join(written).removeprefix("\r").removeprefix("\n"))
            self.text = None
        elif tag == "form":
            self.within = False

    def add(self, name, value):
        self.fields.setdefault(name, []).append(value)


def fields_of(page, form_id=""):
    """What a browser would send from this page if nothing were touched; names to lists of values."""
    fields = Fields(page.content.decode(), form_id).fields
    return {
        name: values
        for name, values in fields.items()
        if "__prefix__" not in name and name != "csrfmiddlewaretoken"
    }


def opened(client, address, **changes):
    """The form of this address, as a browser that opened it just now would send it, with these changes."""
    return {**fields_of(client.get(address)), **changes}


def versions(client, address):
    """The hidden fields of this address alone, for a test that writes the others itself."""
    return {name: value for name, value in opened(client, address).items() if name in HIDDEN}
