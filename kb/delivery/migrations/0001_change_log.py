import django.utils.timezone
from django.db import migrations, models

# A row is numbered again as the last thing its transaction does, one transaction at a time: so the numbers follow the
# order of commits, and whoever has read number 7 never finds a 6 later. SQLite has one writer at a time anyway.
IN_ORDER = """
CREATE FUNCTION delivery_number_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7213462);
    UPDATE delivery_change SET n = nextval(pg_get_serial_sequence('delivery_change', 'n')) WHERE n = NEW.n;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER delivery_change_in_order AFTER INSERT ON delivery_change
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION delivery_number_change();
"""
AS_BEFORE = """
DROP TRIGGER delivery_change_in_order ON delivery_change;
DROP FUNCTION delivery_number_change();
"""


def number_in_order(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(IN_ORDER)


def number_as_before(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(AS_BEFORE)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("n", models.BigAutoField(primary_key=True, serialize=False)),
                ("target", models.CharField(max_length=120)),
                ("at", models.DateTimeField(blank=True, null=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["n"],
                "indexes": [
                    models.Index(fields=["at"], condition=models.Q(("at__isnull", False)), name="change_at")
                ],
            },
        ),
        migrations.RunPython(number_in_order, number_as_before),
    ]
