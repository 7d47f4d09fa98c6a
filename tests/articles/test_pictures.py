import io
import random
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.db.models import ProtectedError
from django.test import SimpleTestCase, TestCase
from PIL import Image, ImageCms, ImageOps

from kb.articles import body, picturing, preparing, publishing
from kb.articles.models import Picture
from kb.articles.preparing import PictureError, prepared
from tests.makers import OwnMedia, make_article, make_draft, make_picture, picture_file


def opened(made):
    return Image.open(io.BytesIO(made if isinstance(made, bytes) else made.data))


def noise(size):
    """As hard to compress as a photograph; always the same."""
    return Image.frombytes("RGB", size, random.Random(1).randbytes(3 * size[0] * size[1]))


class AFile(SimpleTestCase):
    """What becomes of it."""

    def refused(self, file):
        with self.assertRaises(PictureError) as refusal:
            prepared(file)
        return str(refusal.exception)

    def test_stays_what_it_is_where_that_is_small_and_sharp(self):
        for kind, ending in (("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("GIF", "png")):
            made = prepared(picture_file(kind=kind))
            self.assertEqual((made.ending, made.width, made.height), (ending, 64, 48))
            self.assertRegex(made.name, rf"^[0-9a-f]{{32}}\.{ending}$")
            self.assertEqual(opened(made).size, (64, 48))

    def test_of_any_colours_becomes_one_that_every_browser_shows(self):
        for kind, mode, shown in (
            ("PNG", "1", "L"),
            ("PNG", "L", "L"),
            ("PNG", "LA", "RGBA"),
            ("PNG", "P", "RGB"),
            ("PNG", "RGBA", "RGB"),  # nothing shines through
            ("JPEG", "CMYK", "RGB"),
        ):
            with self.subTest(kind=kind, mode=mode):
                self.assertIn(opened(prepared(picture_file(kind=kind, mode=mode))).mode, {shown, "RGBA"})

    def test_in_sixteen_bits_of_grey_is_no_white_field(self):
        grey = Image.new("I;16", (8, 8), 257 * 100)
        self.assertEqual(opened(prepared(picture_file(picture=grey))).getpixel((0, 0)), 100)

    def test_keeps_what_shines_through(self):
        clear = Image.new("RGBA", (8, 8), (1, 2, 3, 0))
        self.assertEqual(opened(prepared(picture_file(picture=clear))).getpixel((0, 0))[3], 0)

    def test_that_is_wide_is_scaled_down_and_no_small_one_up(self):
        made = prepared(picture_file(size=(3200, 1000)))
        self.assertEqual((made.width, made.height), (1600, 500))
        self.assertEqual(opened(made).size, (1600, 500))

    def test_that_was_held_sideways_stands_upright(self):
        corners = Image.new("RGB", (4000, 1000))
        corners.paste("red", (0, 0, 2000, 500))
        for turned in range(1, 9):
            with self.subTest(turned=turned):
                exif = Image.Exif()
                exif[0x0112] = turned
                made = opened(prepared(picture_file(picture=corners, exif=exif)))
                upright = ImageOps.exif_transpose(opened(picture_file(picture=corners, exif=exif).read()))
                self.assertEqual(made.size, (1600, 400) if turned < 5 else (1000, 4000))
                self.assertLessEqual(made.width, 1600)
                scaled = upright.resize(made.size)
                for place in (
                    (9, 9),
                    (made.width - 9, made.height - 9),
                    (9, made.height - 9),
                    (made.width - 9, 9),
                ):
                    self.assertEqual(made.getpixel(place), scaled.getpixel(place))

    def test_loses_all_that_is_not_seen(self):
        exif = Image.Exif()
        exif[0x010E] = "Anna at home"
        exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        for kind, options in (
            ("JPEG", {"comment": b"Anna's own words"}),
            ("WEBP", {"xmp": b"<x>Anna</x>"}),
            ("PNG", {}),
        ):
            with self.subTest(kind=kind):
                given = picture_file(kind=kind, exif=exif, icc_profile=profile, **options)
                self.assertIn(b"Anna", given.read())
                given.seek(0)
                made = prepared(given)
                found = opened(made)
                found.load()
                self.assertEqual(dict(found.getexif()), {})
                self.assertNotIn(b"Anna", made.data)
                self.assertNotIn("icc_profile", found.info)

    def test_in_the_colours_of_its_own_profile_is_shown_in_those_of_all_screens(self):
        odd = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        self.assertEqual(prepared(picture_file(kind="JPEG", icc_profile=odd)).ending, "jpg")
        self.assertEqual(prepared(picture_file(kind="JPEG", icc_profile=b"no profile")).ending, "jpg")

    def test_that_is_a_photograph_is_not_sent_as_a_huge_png(self):
        smooth = noise((160, 100)).resize((1600, 1000), Image.Resampling.BICUBIC)
        made = prepared(picture_file(picture=smooth))
        self.assertEqual(made.ending, "webp")
        self.assertLess(len(made.data), preparing.LARGE_PNG)

    def test_of_a_phone_with_several_pictures_in_it_is_the_first(self):
        first, second = Image.new("RGB", (20, 10), "red"), Image.new("RGB", (20, 10), "blue")
        made = prepared(picture_file(picture=first, kind="MPO", save_all=True, append_images=[second]))
        self.assertEqual(made.ending, "jpg")
        self.assertGreater(opened(made).getpixel((0, 0))[0], 200)

    def test_that_moves_is_refused(self):
        more = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue")]
        for kind in ("GIF", "WEBP", "PNG"):
            with self.subTest(kind=kind):
                words = self.refused(picture_file("dance.x", kind=kind, save_all=True, append_images=more))
                self.assertIn("“dance.x” moves", words)

    def test_that_is_no_picture_of_ours_is_refused_with_what_is_taken(self):
        tiff = picture_file("scan.tiff", kind="TIFF")
        for name, content in (
            ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
            ("page.png", b"<html><script>alert(1)</script>"),
            ("form.pdf", b"%PDF-1.7"),
            ("scan.tiff", tiff.read()),
            ("cut.png", b"\x89PNG\r\n\x1a\n"),
        ):
            with self.subTest(name=name):
                words = self.refused(SimpleUploadedFile(name, content))
                self.assertIn(f"“{name}” is no picture", words)
                self.assertIn("PNG, JPEG, WebP and still GIF", words)

    def test_that_is_cut_off_is_refused(self):
        for kind in ("PNG", "JPEG", "WEBP", "GIF"):
            with self.subTest(kind=kind):
                whole = picture_file(picture=noise((200, 200)), kind=kind).read()
                words = self.refused(SimpleUploadedFile("half.x", whole[: len(whole) // 2]))
                self.assertIn("“half.x”", words)

    def test_that_is_damaged_anywhere_never_breaks_more_than_its_own_upload(self):
        chance = random.Random(7)
        for kind in ("PNG", "JPEG", "WEBP", "GIF"):
            whole = picture_file(picture=noise((40, 40)), kind=kind).read()
            for _ in range(60):
                broken = bytearray(whole)
                for _ in range(3):
                    broken[chance.randrange(len(broken))] = chance.randrange(256)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    with suppress(PictureError):
                        prepared(SimpleUploadedFile("broken.x", bytes(broken)))

    def test_that_would_unpack_to_far_too_much_is_refused_before_it_is(self):
        bomb = picture_file("bomb.png", picture=Image.new("1", (9000, 9000)))
        self.assertLess(bomb.size, 50_000)
        with mock.patch("PIL.ImageFile.ImageFile.load", side_effect=AssertionError("It was unpacked.")):
            self.assertIn("“bomb.png” has more than 50 million pixels", self.refused(bomb))

    def test_that_pillow_itself_takes_for_a_bomb_is_refused(self):
        with mock.patch("PIL.Image.MAX_IMAGE_PIXELS", 100), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.assertIn("million pixels", self.refused(picture_file(size=(100, 100))))

    def test_that_would_be_gone_over_for_minutes_is_refused_before_it_is(self):
        whole = picture_file(picture=noise((40, 40)), kind="JPEG", progressive=True).read()
        scan = whole[whole.rindex(b"\xff\xda") : -2]
        prepared(SimpleUploadedFile("usual.jpg", whole[:-2] + 200 * scan + whole[-2:]))
        slow = SimpleUploadedFile("slow.jpg", whole[:-2] + 600 * scan + whole[-2:])
        self.assertIn("“slow.jpg” comes in too many layers", self.refused(slow))

    def test_with_nothing_in_it_is_refused_by_its_name(self):
        self.assertIn("“none.png” is no picture", self.refused(SimpleUploadedFile("none.png", b"")))

    def test_that_is_too_large_is_refused_unread(self):
        file = SimpleUploadedFile("big.png", b"")
        file.size = 10_000_001
        self.assertIn("“big.png” has 10.0 MB", self.refused(file))


class APicture(OwnMedia, TestCase):
    def files(self):
        return sorted(path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())

    def test_is_a_row_and_a_file_of_the_same_name(self):
        picture = make_picture("mail-settings.png", alt="")
        self.assertEqual(self.files(), [picture.name])
        self.assertEqual(picture.alt, "mail settings")
        self.assertEqual(picture.given_name, "mail-settings.png")
        self.assertEqual(picture.markdown, f"![mail settings](/pictures/{picture.name})")
        self.assertEqual(len(picturing.read(picture)), picture.bytes)

    def test_uploaded_twice_is_one(self):
        first, again = picture_file("a.png"), None
        again = SimpleUploadedFile("b.png", first.read())
        first.seek(0)
        self.assertEqual(picturing.add(first), picturing.add(again))
        self.assertEqual((Picture.objects.count(), len(self.files())), (1, 1))

    def test_whose_file_was_lost_or_spoilt_gets_it_back_when_it_is_uploaded_again(self):
        file = picture_file()
        picture = picturing.add(file)
        kept = Path(settings.MEDIA_ROOT, picture.file_name)
        for harm in (kept.unlink, lambda: kept.write_bytes(b"half")):
            harm()
            file.seek(0)
            self.assertEqual(picturing.add(file), picture)
            self.assertEqual(self.files(), [picture.name])
            self.assertEqual(len(picturing.read(picture)), picture.bytes)

    def test_whose_row_cannot_be_written_leaves_no_file(self):
        with (
            mock.patch.object(Picture, "save_base", side_effect=DatabaseError),
            self.assertRaises(DatabaseError),
        ):
            make_picture()
        self.assertEqual(self.files(), [])

    def test_whose_file_cannot_be_written_leaves_no_row_and_no_part_of_it(self):
        with mock.patch("os.fsync", side_effect=OSError(28, "full")), self.assertRaises(OSError):
            make_picture()
        self.assertEqual((Picture.objects.count(), self.files()), (0, []))

    def test_that_somebody_else_adds_at_the_same_moment_is_theirs_and_keeps_its_file(self):
        file = picture_file()
        made = prepared(file)
        file.seek(0)
        theirs = []

        def meanwhile(name, content):
            theirs.append(Picture.objects.create(name=made.name, width=1, height=1, bytes=1, alt="Theirs"))
            return save(name, content)

        save = picturing.default_storage.save
        with mock.patch.object(picturing.default_storage, "save", meanwhile):
            self.assertEqual(picturing.add(file), theirs[0])
        self.assertEqual(self.files(), [made.name])

    def test_alt_text_ends_no_markdown(self):
        self.assertEqual(make_picture(alt="a ](/x) [b\\ \n c").alt, "a (/x) b c")
        self.assertEqual(make_picture("[]|.png", alt=" ").alt, "Picture")

    def test_goes_with_its_file_once_that_is_sure(self):
        picture = make_picture()
        with self.captureOnCommitCallbacks() as callbacks:
            self.assertTrue(picturing.remove(picture))
        self.assertEqual((Picture.objects.count(), self.files()), (0, [picture.name]))
        for callback in callbacks:
            callback()
        self.assertEqual(self.files(), [])

    def test_that_words_show_stays_old_words_too(self):
        picture = make_picture()
        article = make_article(body=picture.markdown)
        publishing.publish(article, revision=publishing.revise(article, words={"body": "Without."}))
        self.assertFalse(picturing.remove(picture))
        with self.assertRaises(ProtectedError):
            picture.delete()
        article.delete()
        with self.captureOnCommitCallbacks(execute=True):
            self.assertTrue(picturing.remove(picture))
        self.assertEqual(self.files(), [])

    def test_whose_file_cannot_be_deleted_is_gone_all_the_same_and_the_log_says_so(self):
        picture = make_picture()
        with (
            mock.patch.object(picturing.default_storage, "delete", side_effect=OSError),
            self.assertLogs("kb.articles", "ERROR") as logged,
            self.captureOnCommitCallbacks(execute=True),
        ):
            self.assertTrue(picturing.remove(picture))
        self.assertIn(picture.name, logged.output[0])


class Words(OwnMedia, TestCase):
    def test_keep_the_place_of_a_picture_free_until_it_comes(self):
        picture = make_picture(size=(640, 480))
        article = make_article(body=f"See:\n\n![The form]({picture.get_absolute_url()})")
        for part in ('width="640"', 'height="480"', 'loading="lazy"', 'decoding="async"', 'alt="The form"'):
            self.assertIn(part, article.shown.html)

    def test_remember_which_pictures_they_show(self):
        one, two = make_picture(), make_picture()
        article = make_article(body=f"{one.markdown} {two.markdown} {one.markdown}")
        self.assertCountEqual(article.shown.pictures.all(), [one, two])
        draft = publishing.revise(article, words={"body": two.markdown})
        self.assertCountEqual(draft.pictures.all(), [two])

    def test_that_name_a_picture_that_is_not_there_are_refused_with_its_name(self):
        there = make_picture()
        for address in (
            f"/pictures/{'0' * 32}.png",
            "/pictures/form.png",
            f"/pictures/{there.name}?size=2",
            "/pictures/",
        ):
            with self.subTest(address=address), self.assertRaises(ValidationError) as refusal:
                body.checked("body", f"{there.markdown}\n\n![The form]({address})")
            words = " ".join(refusal.exception.messages)
            self.assertIn(f"There is no picture “{address}”", words)
            self.assertNotIn(f"“{there.get_absolute_url()}”", words)

    def test_in_code_name_no_picture(self):
        self.assertEqual(body.checked("body", "`![x](/pictures/x.png)`").pictures, ())

    def test_without_words_for_who_cannot_see_it_are_refused(self):
        with self.assertRaisesMessage(ValidationError, "has no alternative text"):
            body.checked("body", f"![](/pictures/{make_picture().name})")

    def test_of_advice_show_no_picture(self):
        from kb.codes.markers import checked

        with self.assertRaisesMessage(ValidationError, "Pictures stand in articles only"):
            checked("text", make_picture().markdown)

    def test_taken_up_again_show_their_picture_again(self):
        picture = make_picture()
        article = make_draft(body=picture.markdown)
        old = article.newest
        publishing.revise(article, words={"body": "Without."})
        again = publishing.restore(article, revision=old, by=None)
        self.assertCountEqual(again.pictures.all(), [picture])

    def test_without_a_picture_cost_no_question_about_any(self):
        with self.assertNumQueries(0):
            body.rendered("Words.")


class MadeUp(SimpleTestCase):
    def test_files_are_not_left_beside(self):
        from django.core.files.base import ContentFile

        from kb.delivery.media import Disk

        with tempfile.TemporaryDirectory() as folder:
            disk = Disk(location=folder)
            disk.save("a/b.txt", ContentFile(b"one"))
            disk.save("a/b.txt", ContentFile(b"two"))
            self.assertEqual([path.name for path in Path(folder, "a").iterdir()], ["b.txt"])
            self.assertEqual(Path(folder, "a", "b.txt").read_bytes(), b"two")
