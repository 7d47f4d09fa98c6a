from kb.articles.models import Picture
from tests.browser.base import BrowserTestCase
from tests.makers import OwnMedia, make_article, picture_file


class PicturesInTheEditor(OwnMedia, BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.sign_in()
        self.article = make_article()
        self.open(f"/admin/articles/article/{self.article.pk}/change/")
        self.text = self.page.locator("textarea[name=body]")
        self.status = self.page.locator(".add-pictures [role=status]")

    def choose(self, *files):
        given = [{"name": file.name, "mimeType": file.content_type, "buffer": file.read()} for file in files]
        self.page.get_by_label("Add pictures").set_input_files(given)

    def test_are_sent_shown_in_the_preview_and_seen_by_readers(self):
        self.text.fill("See: ")
        self.choose(picture_file("mail-form.png"))
        shown = self.page.frame_locator("iframe[title=Preview]").locator("img")
        shown.wait_for()
        picture = Picture.objects.get()
        self.assertEqual(self.text.input_value(), f"See: {picture.markdown}")
        self.page.keyboard.type("Where to click")  # in the place of what was selected
        self.page.get_by_role("button", name="Save and publish").click()
        self.page.wait_for_url("**/admin/articles/article/")
        self.page.context.clear_cookies()
        self.open(self.article.get_absolute_url())
        image = self.page.get_by_alt_text("Where to click")
        image.wait_for()
        image.scroll_into_view_if_needed()
        self.page.wait_for_function("[...document.images].every(image => image.complete)")
        self.assertEqual(image.evaluate("image => [image.naturalWidth, image.naturalHeight]"), [64, 48])

    def test_that_cannot_be_taken_are_told_and_the_text_stays(self):
        self.text.fill("What I typed.")
        self.choose(picture_file("a.png"), picture_file("scan.tiff", kind="TIFF"))
        self.page.get_by_text("“scan.tiff” is no picture that can be shown here").wait_for()
        self.assertTrue(self.text.input_value().startswith("What I typed.![a](/pictures/"))
        self.complaints.clear()  # the browser's own note of the 422

    def test_take_the_place_of_no_words_that_are_selected(self):
        self.text.fill("What I typed.")
        self.text.select_text()
        self.choose(picture_file())
        self.page.get_by_text("Say in the brackets what it shows").wait_for()
        self.assertTrue(self.text.input_value().startswith("What I typed.!["))

    def test_are_taken_from_what_is_pasted(self):
        self.text.fill("")
        self.text.evaluate(
            """async (field) => {
                const canvas = Object.assign(document.createElement("canvas"), {width: 30, height: 20});
                canvas.getContext("2d").fillRect(0, 0, 30, 20);
                const blob = await new Promise(done => canvas.toBlob(done));
                const clipboardData = new DataTransfer();
                clipboardData.items.add(new File([blob], "image.png", {type: "image/png"}));
                field.dispatchEvent(new ClipboardEvent("paste", {clipboardData, cancelable: true, bubbles: true}));
            }"""
        )
        self.page.get_by_text("Say in the brackets what it shows").wait_for()
        self.assertEqual(Picture.objects.get().width, 30)
        self.assertIn("![image](/pictures/", self.text.input_value())

    def test_are_not_lost_where_the_server_is_away(self):
        self.text.fill("What I typed.")
        self.page.route("**/picture/add/", lambda route: route.abort())
        self.choose(picture_file())
        self.page.get_by_text("Your text is still here").wait_for()
        self.assertEqual(self.text.input_value(), "What I typed.")
        self.complaints.clear()
