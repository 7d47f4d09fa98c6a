"""Nobody signs as one of us who is not, and everybody else signs as they are called."""

from django.contrib.auth.models import AnonymousUser
from django.test import Client, TestCase, override_settings

from kb.accounts.models import User
from kb.comments import names
from kb.comments.models import Comment
from tests.makers import make_article, make_comment, make_user

SAY_STAFF = """
Anna (our staff)|Staff|STAFF|Our Staff|the staff|Anna, staff|[staff] Anna|Codebook Support|Support|support|Support Team|Support-Team|
Tech Support|SupportTeam|support_team|Admin|admin|ADMIN|Admins|Administrator|The Administrator|site admin|SiteAdmin|super admin|
Moderator|Mod Team|moderators|Helpdesk|Help Desk|help-desk|Customer Service|Customer Care|Service Desk|Webmaster|Postmaster|
Official|Codebook|codebook team|Team Codebook|Anna from Codebook|Codebook, Anna|Support Portal|Our Team|Ana Support-Müller|
Аdmin|Αdmin|admіn|ａｄｍｉｎ|ＡＤＭＩＮ|𝐀𝐝𝐦𝐢𝐧|𝒜𝒹𝓂𝒾𝓃|𝔸𝕕𝕞𝕚𝕟|Ⓐⓓⓜⓘⓝ|🅐🅓🅜🅘🅝|🅰🅳🅼🅸🅽|🇦🇩🇲🇮🇳|ᴀᴅᴍɪɴ|Ａdmin|аdмin|
Ad​min|A‌d‍min|S­upport|Su⁠pport|﻿Staff|S‮taff|Ádmin|A̲d̲m̲i̲n̲|ȧḋṁïñ|s̶t̶a̶f̶f̶|
a d m i n|S u p p o r t|S.u.p.p.o.r.t|S-t-a-f-f|A.D.M.I.N.|a_d_m_i_n|Sup port|Anna S.u.p.p.o.r.t|
Adm1n|Adm!n|@dmin|Supp0rt|5upport|$upport|St4ff|5t@ff|M0derat0r|4dm1n|Adrnin|AdmIn|adrn1n|AdmlN|Suppport|Adminn|Staffff|
Ѕupport|Ѕuрроrt|Ѕuppοrt|ѕtаff|Моdеrаtоr|Сodebook|С о d e b o o k|Cоdebооk Suppоrt|Codeb00k|
Mitarbeiter|Mitarbeiterin Anna|Kundendienst|Kundenservice|Unser Team|Modérateur|Équipe|Notre équipe|Administrateur|Soporte|
Administrador|Moderador|Atención al cliente|Assistenza|Amministratore|Suporte|Atendimento|Medewerker|Klantenservice|Kundtjänst|
Kundeservice|Asiakaspalvelu|Ylläpito|Wsparcie|Podpora|Správce|Ügyfélszolgálat|Destek|Yönetici|Поддержка|Техподдержка|Админ|
Администратор|Модератор|Сотрудник|Служба поддержки|Підтримка|Адміністратор|Υποστήριξη|Διαχειριστής|תמיכה|الدعم|فريق الدعم|
الدعم الفني|客服|管理员|管理員|小王客服|官方|サポート|管理者|運営|スタッフ|管理人さん|관리자|운영자|고객센터|व्यवस्थापक|แอดมิน|Hỗ trợ|Quản trị viên|
support@example.com|Root|System|Operator|Editor|Team|Webmaster 2|Admin 2|Admin123|Support24|staff★|✅ Support|Support ✔|(Admin)|
""".replace("\n", "").split("|")
PEOPLE = """
Anna|Ben|Cora|Eve|Stafford|Staf|Staf Nimmegeers|William Stafford|Adminah Osei|Kwame Osei|Ada Minh|Ad Min-jun|Kim Min|Minna|
Jasmin|Jasmin Adler|Yasmin|Benjamin|Benjamin Adams|Modesta|Moder Lund|Joe Root|Rooth|Sysoeva|Teamu|Theo Adams|Adam In|Adam Inn|
Miller|Anna Miller|Müller|Jürgen Groß|François Lefèvre|Élodie Dupré|José García|María-José Núñez|João Gonçalves|Søren Ørsted|
Łukasz Żak|Zbigniew Brzęczyszczykiewicz|Šárka Nováková|Đorđe Đukić|Ömer Yılmaz|Işıl|Gülşah Çelik|Ștefan Țurcanu|Ágnes Szőke|
Björk Guðmundsdóttir|Åsa Öberg|Þóra|Seán Ó Briain|Siobhán|D'Angelo Russo|O'Neill|Jean-Luc|Mary Ann|J. R. R. Tolkien|A. B. Smith|
J.D.|A B C|X Æ A-12|Anna 2|anna1987|user550|mail-fan|Bob the Builder|Kenny from the block|Little Red Hat|Cat 🐱|Zoë|Renée|
Supriya|Suparna|Supattra|Port Louis|Sue Port|Sup|Portia|Rapport|Transport Fan|Airport|Supporterella|Staffan|Staffan Lindberg|
Staffin|Gustaff|Falstaff|Distaff|Flagstaff|Biff|Adminton|Badminton|Badminton Bob|Edit Piaf|Edith|Editha|Teame|Tema|Temara|Toby Mod|
Hostage Fan|Master Yoda|Web Spinner|Helpa|Helga Desk|Desdemona|Deskan|Servais|Serviceman|Officer Krupke|Ophelia|Operatic Fan|
Иван|Иван Иванов|Мария Петрова|Ольга|Алексей|Адам|Модест Чайковский|Ада Минина|Стаф|Софья|Олександр|Юлія|Їжак|Николай Админов|
Γιώργος|Ελένη Παπαδοπούλου|Αδαμάντιος|Νίκος|Արամ|Անի|გიორგი|ნინო|
محمد|أحمد علي|فاطمة|يوسف|عبد الله|دعاء|نور|مريم|رضا|علی رضا|سارا|محمد رضا|
דוד|שרה כהן|יוסף|מיכל|אדם|
王伟|李娜|张三|刘洋|陈静|欧阳修|司马懿|小明|王小姐|林志玲|黃曉明|管仲|支那子|
田中太郎|鈴木|さくら|ハナコ|サトシ|山本さん|高橋ゆうこ|運|公子|管|
김민준|이서연|박지성|최민수|관우|운영|고은|민지|
राम|सीता|अमित कुमार|प्रिया|ราม|สมชาย|สมหญิง|แอน|Nguyễn Văn An|Trần Thị Bích|Đỗ Mười|Siti Nurhaliza|Budi|
আনিকা|தமிழ்|ಕನ್ನಡ|తెలుగు|മലയാളം|ਸਿੰਘ|ગુજરાતી|አበበ|Chukwuemeka|Ngozi Adichie|Nkechi|Thandiwe|Sipho|Aroha|Kealoha|Leilani|
Tuki|Tuki Suomalainen|Assist Ant|Assunta|Asist|Sopor|Soporna|Supo|Destiny|Destel|Podpo|Ofelia|Offici|Betreuer Bernd|Beate Reiber|
Ann Operat|Pera Tor|Rood|Sister|Sistema|Systole|Mora|Rator|Admira|Admiral Nelson|Admir|Admire|Adm|Min|Dmin|In|
mailserver nerd|postfix user|exim4|550 again|user@home|anna@example.org|Reader|A reader|Guest|Visitor|Customer|A customer|Nobody|
Somebody|Anonymous|Me|You|It's me|Same here|Help me|Help wanted|Thanks|Info seeker|Owner of a cat|Team Rocket fan|System of a Down|
""".replace("\n", "").split("|")


class Names(TestCase):
    def test_that_say_staff_are_refused(self):
        with override_settings(
            SITE_NAME="Codebook", PORTAL_NAME="Support Portal", SUPPORT_EMAIL="support@example.com"
        ):
            passed = [name for name in filter(None, SAY_STAFF) if not names.refused(name)]
        self.assertEqual(passed, [])

    def test_of_people_are_taken(self):
        taken_for_staff = [name for name in filter(None, PEOPLE) if names.refused(name)]
        self.assertEqual(taken_for_staff, [])

    def test_of_this_site_are_refused(self):
        with override_settings(
            SITE_NAME="Mail Answers", OPERATOR="Example Hosting GmbH", SUPPORT_EMAIL="post.office@example.net"
        ):
            for name in (
                "Mail Answers",
                "mail-answers",
                "Anna (Mail Answers)",
                "MailAnswersTeam",
                "Example Hosting GmbH",
                "ExampleHosting GmbH, Ben",
                "Post Office",
                "post.office@example.net",
                "Ｍail Аnswers",
            ):
                self.assertTrue(names.refused(name), name)
            for name in ("Answers", "Mail", "Ann Wers", "Example", "Office"):
                self.assertFalse(names.refused(name), name)
        with override_settings(OPERATOR="Smith"):
            self.assertTrue(names.refused("smith"))
            self.assertFalse(names.refused("Anna Smith"))

    def test_of_real_staff_are_refused_in_any_order_and_letters(self):
        agent = make_user("Agents", first_name="Zoë", last_name="Quill")
        User.objects.filter(pk=agent.pk).update(username="zq-desk")
        make_user("superuser", first_name="Demo", last_name="Person")
        make_user("Editors", first_name="Ulrike")
        for name in (
            "Zoë Quill",
            "zoe quill",
            "Quill Zoë",
            "Quill, Zoë",
            "ZOE QUILL",
            "ZoeQuill",
            "Zoе Quіll",
            "Z o e Quill",
            "Zoë Quill (me)",
            "Zoe Q. Quill",
            "zq-desk",
            "QuillZoë",
            "ZQ_DESK",
            "Person Demo",
            "Ulrike",
            "ulrike",
        ):
            self.assertTrue(names.refused(name), name)
        for name in ("Zoë", "Quill", "Zoë Miller", "Anna Quill", "Demo", "Ulrike Klein", "Zoëlle Quillon"):
            self.assertFalse(names.refused(name), name)

    def test_of_customers_and_of_those_who_left_are_free(self):
        make_user("Customers", first_name="Ida", last_name="Berg")
        make_user("Agents", first_name="Old", last_name="Hand", is_active=False)
        for name in ("Ida Berg", "Old Hand"):
            self.assertFalse(names.refused(name), name)

    def test_of_ones_own_account_are_ones_own(self):
        make_user("Agents", first_name="Ida", last_name="Berg")
        other = make_user("Customers", first_name="Ida", last_name="Berg")
        self.assertFalse(names.refused("Ida Berg", other))
        self.assertTrue(names.refused("Ida Berg", AnonymousUser()))
        self.assertTrue(names.refused("Support", other))

    def test_of_the_longest_kind_take_no_time(self):
        for name in ("a" * 60, "admins" * 10, "s." * 30, "ﷺ" * 60, "the" * 20, "їі" * 30):
            names.refused(name)


class TheForm(TestCase):
    def setUp(self):
        self.page = make_article().get_absolute_url()

    def send(self, name, group=None):
        browser = Client(headers={"sec_fetch_site": "same-origin"})
        if group is not None:
            browser.force_login(make_user(group))
        return browser.post(f"{self.page}comments/", {"name": name, "text": "What I have typed for long"})

    def test_says_so_and_keeps_what_was_typed(self):
        for group in (None, "", "Customers"):
            page = self.send("Anna (our staff)", group)
            self.assertContains(page, "This name is kept for our staff.", status_code=422, count=2)
            self.assertContains(page, "What I have typed for long", status_code=422)
            self.assertContains(page, 'value="Anna (our staff)"', status_code=422)
        self.assertEqual(Comment.objects.count(), 0)

    def test_lets_our_staff_sign_as_they_like(self):
        for group in ("Agents", "Editors", "Admins"):
            self.assertEqual(self.send(f"Support {group}", group).status_code, 303)

    def test_takes_marks_that_turn_the_letters_around_out_of_names(self):
        self.send("Eve⁧ne⁩")
        self.assertEqual(Comment.objects.get().name, "Evene")

    def test_tells_an_older_comment_with_such_a_name_for_what_it_is(self):
        comment = make_comment(make_article(), name="Anna (our staff)")
        self.assertContains(
            self.client.get(comment.article.get_absolute_url()),
            '<span class="chip">A reader, not our staff</span>',
        )
