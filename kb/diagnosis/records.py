"""A diagnosis as plain data, for programs."""

from kb.diagnosis.answers import Diagnosis


def record(diagnosis: Diagnosis, name: str, ms: float) -> dict:
    """One object a text: codes as they were spoken and causes by their address names, the best first."""
    reading, best = diagnosis.reading, diagnosis.best
    return {
        "id": name,
        "codes": reading.codes,
        "reply": reading.reply,
        "status": reading.status,
        "cause": [cause.slug for cause in diagnosis.causes],
        "provider": best.provider.slug if best and best.provider else "",
        "bounce": diagnosis.is_bounce,
        "ms": round(ms, 2),
    }
