"""Forms as a browser sends them: every input of the page as it was drawn, with some changed."""

from html.parser import HTMLParser

from django.test import Client

HIDDEN = ("_edit_key", "_edit_version", "_edit_row")


class Fields(HTMLParser):
    """The inputs of the page's forms that post, a mapping of names to values for each."""

    def __init__(self, html):
        super().__init__()
        self.forms, self.within, self.select, self.text = [], False, None, None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        about = dict(attributes)
        if tag == "form":
            self.within = about.get("method") == "post"
            self.forms += [{}] if self.within else []
        name = about.get("name")
        if not self.within or "disabled" in about:
            return
        if tag == "input" and name and about.get("type") not in {"submit", "button", "file"}:
            is_box = about.get("type") in {"checkbox", "radio"}
            if not is_box or "checked" in about:
                self.add(name, about.get("value", "on" if is_box else ""))
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in about:
            self.add(self.select, about.get("value", ""))
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
        self.forms[-1].setdefault(name, []).append(value)


def fields_of(page):
    """What a browser would send from this page's largest form if nothing were touched."""
    fields = max(Fields(page.content.decode()).forms, key=len, default={})
    return {
        name: values
        for name, values in fields.items()
        if "__prefix__" not in name and name != "csrfmiddlewaretoken"
    }


def opened(client, address, **changes):
    """The form of this address, as a browser that opened it just now would send it, with these changes."""
    return {**fields_of(client.get(address)), **changes}


class EditorClient(Client):
    """A client that opens each form of the admin before it posts to it, so that it sends the hidden fields."""

    def post(self, path, data=None, *arguments, **options):
        data = data or {}
        if path.startswith("/admin/") and not any(name in data for name in HIDDEN):
            page = self.get(path)
            found = fields_of(page) if page.status_code == 200 else {}
            data = {name: found[name] for name in HIDDEN if name in found} | data
        return super().post(path, data, *arguments, **options)
